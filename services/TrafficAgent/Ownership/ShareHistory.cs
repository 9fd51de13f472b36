using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Ownership;

/// <summary>What the latest looks at one split have seen together; one look is short, and a difference must last.</summary>
internal sealed class ShareHistory(TrafficRecord record)
{
    private const int Looks = 5;

    private readonly Queue<Verification> _seen = new();
    private int _refuted;

    public TrafficRecord Record { get; } = record;

    /// <summary>Whether the difference was told; nobody needs to hear it again of the same split.</summary>
    public bool IsTold { get; set; }

    /// <summary>Looks once more.</summary>
    /// <returns>What contradicts the split over the latest looks; null when nothing does, there were too few of them, or it was told.</returns>
    public async Task<string?> LookAsync(ITrafficDriver driver, CancellationToken cancellationToken)
    {
        if (IsTold)
        {
            return null;
        }

        try
        {
            var seen = await driver.VerifyAsync(Record, cancellationToken);
            _refuted = 0;
            return Judge(driver.Capabilities, seen);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.SplitNotInForce)
        {
            // The driver itself has seen what cannot be.
            return ++_refuted >= Looks ? exception.Failure.Message.TrimEnd('.') : null;
        }
    }

    private string? Judge(DriverCapabilities can, Verification seen)
    {
        if (seen.ShareY is null)
        {
            return null;
        }

        _seen.Enqueue(seen);
        if (_seen.Count > Looks)
        {
            _seen.Dequeue();
        }

        var requests = _seen.Sum(static s => s.Requests);
        return _seen.Count < Looks
            ? null
            : ShareJudgement.Contradiction(can, Record.Split, new Verification(_seen.Sum(static s => s.ShareY!.Value * s.Requests) / requests, requests));
    }
}

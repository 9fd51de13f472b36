using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>Requests that a balancer gave to each side since some moment; only differences say anything.</summary>
/// <param name="X">To cluster X.</param>
/// <param name="Y">To cluster Y.</param>
public sealed record RequestCounts(long X, long Y)
{
    // Fewer requests than this say nothing of a share.
    private const int LeastRequests = 20;

    /// <summary>What the requests since <paramref name="before"/> say of the record: a side that must get nothing and gets something proves that it is not in force.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SplitNotInForce"/>.</exception>
    public Verification Since(RequestCounts before, TrafficRecord record, TimeSpan window)
    {
        var (x, y) = (X - before.X, Y - before.Y);
        if (x < 0 || y < 0)
        {
            return Verification.NotSupported; // The balancer was restarted meanwhile; its counters began anew.
        }

        if ((record.Split.WeightY == 0 && y > 0) || (record.Split.WeightX == 0 && x > 0))
        {
            throw TrafficFailures.NotInForce(record.Split, $"{x} requests went to X and {y} to Y within {window}");
        }

        return new Verification(x + y >= LeastRequests ? (double)y / (x + y) : null, x + y);
    }
}

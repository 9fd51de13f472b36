using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Marks;

/// <summary>The marks of this agent, one file for each upgrade. Always read from disk: <c>kum-traffic</c> writes them as well.</summary>
public sealed class TrafficMarks(IOptions<AgentOptions> options)
{
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "stops");

    /// <summary>Writes the mark; on disk when this returns.</summary>
    /// <exception cref="IOException">The state directory cannot be written.</exception>
    public void Write(TrafficMark mark)
    {
        Directory.CreateDirectory(_directory);
        StateFile.Replace(PathOf(mark.UpgradeId), mark);
    }

    /// <summary>The upgrade's mark; null when it was never stopped.</summary>
    /// <exception cref="StepFailedException">The file is damaged: nobody can say what is over, so nothing may be shifted.</exception>
    public TrafficMark? Find(Guid upgradeId)
    {
        try
        {
            return StateFile.Read<TrafficMark>(PathOf(upgradeId));
        }
        catch (JsonException exception)
        {
            throw new StepFailedException(
                new Failure
                {
                    Code = FailureCodes.StepSuperseded,
                    Message = $"{PathOf(upgradeId)} is damaged, so it cannot be said in which epoch all traffic was put back on cluster X.",
                    Remedy = "Nothing was changed. See kum timeline for what happened, remove the file, then: kum rollback and kum retry.",
                },
                exception);
        }
    }

    /// <summary>Refuses what a mark has ended.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.StepSuperseded"/>.</exception>
    public void Admit(Guid upgradeId, int epoch)
    {
        if (Find(upgradeId) is { } mark && mark.Epoch >= epoch)
        {
            throw TrafficFailures.Stopped(mark.Epoch, $"{mark.Cause}, {mark.At:u}: {mark.Reason}");
        }
    }

    /// <summary>Marks whose restore has not ended; damaged ones are left out, since what they meant cannot be finished.</summary>
    public IReadOnlyList<TrafficMark> Unfinished() =>
        Directory.Exists(_directory)
            ? [.. Directory.EnumerateFiles(_directory, "*.json").Select(TryRead).OfType<TrafficMark>().Where(static m => m.Outcome is null)]
            : [];

    private static TrafficMark? TryRead(string path)
    {
        try
        {
            return StateFile.Read<TrafficMark>(path);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string PathOf(Guid upgradeId) => Path.Combine(_directory, $"{upgradeId:N}.json");
}

using System.Text.Json;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Intents;

/// <summary>The newest intent of each upgrade, one file each, in the agent's state directory.</summary>
public sealed class TrafficIntents(IOptions<AgentOptions> options)
{
    private readonly Lock _gate = new();
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "intents");

    /// <summary>Writes the intent; on disk when this returns.</summary>
    /// <exception cref="IOException">The state directory cannot be written.</exception>
    public void Write(TrafficIntent intent)
    {
        lock (_gate)
        {
            Directory.CreateDirectory(_directory);
            StateFile.Replace(PathOf(intent.Record.UpgradeId), intent);
        }
    }

    /// <summary>Notes how the intent ended, unless a newer one has taken its place.</summary>
    public void End(TrafficIntent intent, IntentState state)
    {
        lock (_gate)
        {
            if (Find(intent.Record.UpgradeId) is { } current && current.Record == intent.Record && current.IsRestore == intent.IsRestore)
            {
                Write(current with { State = state, HasShifted = current.HasShifted || (!current.IsRestore && state == IntentState.Confirmed) });
            }
        }
    }

    /// <summary>The newest intent of an upgrade; null when there is none or its file is damaged.</summary>
    public TrafficIntent? Find(Guid upgradeId)
    {
        lock (_gate)
        {
            return Read(PathOf(upgradeId));
        }
    }

    /// <summary>Notes that the balancer has shown the split of an upgrade to be over; nothing leads back to X by itself any more.</summary>
    public void Close(Guid upgradeId)
    {
        lock (_gate)
        {
            if (Find(upgradeId) is { } current)
            {
                Write(current with { IsOver = true });
            }
        }
    }

    /// <summary>The newest intent of every upgrade; damaged files are left out.</summary>
    public IReadOnlyList<TrafficIntent> All()
    {
        lock (_gate)
        {
            return Directory.Exists(_directory) ? [.. Directory.EnumerateFiles(_directory, "*.json").Select(Read).OfType<TrafficIntent>()] : [];
        }
    }

    /// <summary>Intents that may or may not have been done.</summary>
    public IReadOnlyList<TrafficIntent> Open() => [.. All().Where(static i => i.State == IntentState.Intended)];

    private static TrafficIntent? Read(string path)
    {
        try
        {
            return StateFile.Read<TrafficIntent>(path);
        }
        catch (JsonException)
        {
            return null; // What is in force is asked of the balancer; a lost note costs only the finishing of a restore.
        }
    }

    private string PathOf(Guid upgradeId) => Path.Combine(_directory, $"{upgradeId:N}.json");
}

using System.Text.Json;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Intents;

/// <summary>The newest intent of each upgrade, one file each, in the agent's state directory.</summary>
public sealed class TrafficIntents(IOptions<AgentOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "intents");

    /// <summary>Writes the intent, unless one of a later epoch is there; on disk when this returns.</summary>
    /// <exception cref="IOException">The state directory cannot be written.</exception>
    public void Write(TrafficIntent intent)
    {
        lock (_gate)
        {
            if (Find(intent.Record.UpgradeId)?.Record.Epoch > intent.Record.Epoch)
            {
                return;
            }

            Directory.CreateDirectory(_directory);
            StateFile.Replace(PathOf(intent.Record.UpgradeId), intent);
        }
    }

    /// <summary>Notes how the intent ended, unless a newer one has taken its place.</summary>
    public void End(TrafficIntent intent, IntentState state) => TryChange(intent, current => state != IntentState.Confirmed
        ? current with { State = state }
        : current with { State = state, ConfirmedAt = current.ConfirmedAt ?? clock.GetUtcNow(), HasShifted = current.HasShifted || !current.IsRestore });

    /// <summary>Changes what is noted of the intent.</summary>
    /// <returns>False when a newer one has taken its place, which then stays as it is.</returns>
    public bool TryChange(TrafficIntent intent, Func<TrafficIntent, TrafficIntent> change)
    {
        lock (_gate)
        {
            if (Find(intent.Record.UpgradeId) is not { } current || current.Record != intent.Record || current.IsRestore != intent.IsRestore)
            {
                return false;
            }

            Write(change(current));
            return true;
        }
    }

    /// <summary>Lets go of an ended upgrade: nothing it left is watched or finished any more.</summary>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="epoch">The epoch that has ended; a later one is not touched.</param>
    public void Release(Guid upgradeId, int epoch)
    {
        lock (_gate)
        {
            if (Find(upgradeId) is { } current && current.Record.Epoch <= epoch)
            {
                Write(current with { State = IntentState.Released });
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

    /// <summary>Intents that are in force as far as this agent knows, of upgrades that have not ended; without those that somebody else has changed for good.</summary>
    public IReadOnlyList<TrafficIntent> Standing() => [.. All().Where(IsStanding)];

    /// <summary>Whether <paramref name="intent"/> still is the newest of its upgrade and stands.</summary>
    public bool Stands(TrafficIntent intent) =>
        Find(intent.Record.UpgradeId) is { } current && IsStanding(current) && current.Record == intent.Record && current.IsRestore == intent.IsRestore;

    private static bool IsStanding(TrafficIntent intent) => intent is { State: IntentState.Confirmed, IsLeft: false, Step: not null };

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

namespace KongUpgradeMesh.MonitorAgent.Probing;

/// <summary>Follows the probes of a watch. Safe for rounds from several threads.</summary>
public sealed class ProbeTrack
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProbeState> _probes = [];

    /// <summary>Takes a round that was sent at <paramref name="at"/> since the watch began.</summary>
    public void Record(ProbeRound round, TimeSpan at)
    {
        lock (_gate)
        {
            _probes[round.Probe] = ProbeState.After(_probes.GetValueOrDefault(round.Probe), round, at);
        }
    }

    /// <summary>How each probe that has been sent fares, by name.</summary>
    public IReadOnlyDictionary<string, ProbeState> Now()
    {
        lock (_gate)
        {
            return new Dictionary<string, ProbeState>(_probes);
        }
    }
}

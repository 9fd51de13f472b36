namespace KongUpgradeMesh.MonitorAgent.Probing;

/// <summary>How one probe fares. Times are since the watch began.</summary>
/// <param name="Last">The last round.</param>
/// <param name="OnlyYInRow">Rounds in a row that failed on Y and held on X, the last one included.</param>
/// <param name="OnlyYSince">When the first of those was; null when there is none.</param>
public sealed record ProbeState(ProbeRound Last, int OnlyYInRow, TimeSpan? OnlyYSince)
{
    /// <summary>The state after another round.</summary>
    /// <param name="before">The state until then; null when there was none.</param>
    /// <param name="round">The round.</param>
    /// <param name="at">When it was sent.</param>
    public static ProbeState After(ProbeState? before, ProbeRound round, TimeSpan at)
    {
        var onlyY = round is { ProblemX: null, ProblemY: not null };
        return new ProbeState(
            round,
            onlyY ? (before?.OnlyYInRow ?? 0) + 1 : 0,
            onlyY ? before?.OnlyYSince ?? at : null);
    }
}

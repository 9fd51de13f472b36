using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>What the judge said in one case.</summary>
/// <param name="Verdicts">All verdicts, the oldest first.</param>
/// <param name="Disturbed">Index of the first verdict that may know of the disturbance.</param>
/// <param name="Took">From the disturbance or the watch's start, whichever is later, to the expected verdict.</param>
internal sealed record Seen(IReadOnlyList<VerdictReached> Verdicts, int Disturbed, TimeSpan Took)
{
    /// <summary>The verdicts since the disturbance.</summary>
    public IEnumerable<VerdictReached> Since => Verdicts.Skip(Disturbed);

    /// <summary>What failed the watch.</summary>
    public IReadOnlyList<VerdictFinding> Failed =>
        [.. (Verdicts.FirstOrDefault(static v => v.Verdict == Verdict.Failed)?.Findings ?? []).Where(static f => f.Verdict == Verdict.Failed)];

    /// <summary>What an indicator had to complain of since the disturbance.</summary>
    public IReadOnlyList<VerdictFinding> Complaints(string indicator) =>
        [.. Since.SelectMany(static v => v.Findings).Where(f => f.Indicator == indicator && f.Verdict != Verdict.Passed)];

    /// <summary>The verdicts in words.</summary>
    public static string Tell(IReadOnlyList<VerdictReached> verdicts) => string.Join(
        Environment.NewLine,
        verdicts.TakeLast(6).Select(static v => $"{v.Verdict} after {v.RequestsX}/{v.RequestsY} requests: {string.Join(" | ", v.Findings.Where(static f => f.Verdict != Verdict.Passed).Select(static f => $"{f.Indicator} {f.Verdict}: {f.Message}"))}"));

    /// <inheritdoc/>
    public override string ToString() => Tell(Verdicts);
}

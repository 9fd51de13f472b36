using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What one indicator found.</summary>
/// <param name="Evidence">What is reported.</param>
/// <param name="BadSince">When the first sample showed it, since the watch began; null unless failed.</param>
public sealed record Finding(VerdictFinding Evidence, TimeSpan? BadSince = null)
{
    /// <summary>The indicator's verdict.</summary>
    public Verdict Verdict => Evidence.Verdict;

    /// <summary>Whether it counts: nobody has overridden it.</summary>
    public bool Counts => Evidence.Override is null;

    /// <summary>Builds one.</summary>
    public static Finding Of(string indicator, Verdict verdict, string message, double? x = null, double? y = null, TimeSpan? badSince = null) => new(
        new VerdictFinding { Indicator = indicator, Verdict = verdict, Message = message, ValueX = Finite(x), ValueY = Finite(y) },
        badSince);

    /// <summary>Says what an optional part of the judgement could not look at. It stands in no way of a pass: what must be seen is the business of other indicators.</summary>
    public static Finding NotCompared(string indicator, string message) => Of(indicator, Verdict.Passed, message);

    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? Math.Round(v, 4) : null;
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Indicators;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Asks an indicator so that what a person has overridden is still measured and shown, and everything else is judged on.</summary>
internal static class Overriding
{
    public static IEnumerable<Finding> Judge(IIndicator indicator, Observation observation)
    {
        var all = indicator.Judge(observation).ToList();
        var words = observation.Overrides.Where(o => !o.Finding.IsHardStop && all.Exists(f => f.Evidence.Indicator == o.Finding.Indicator)).ToList();
        if (words.Count == 0)
        {
            return all;
        }

        if (words.Find(static o => o.Finding.Route is null) is { } whole)
        {
            return all.Select(f => Mark(f, whole));
        }

        // A route that is left out must neither hide another one nor weigh on all of them together.
        var rest = indicator.Judge(observation.Without(route => words.Exists(o => o.Finding.Route == route.ToString()))).ToList();
        var gone = all.Where(f => IsBad(f) && !rest.Exists(r => IsBad(r) && r.Evidence.Route == f.Evidence.Route));
        return rest.Concat(gone.Select(f => Mark(f, words.Find(o => o.Finding.Route == f.Evidence.Route) ?? words[0])));
    }

    private static Finding Mark(Finding finding, VerdictOverride word) => IsBad(finding) ? finding with { Evidence = finding.Evidence with { Override = word } } : finding;

    // What could not be measured is not overridden: nobody knows what it would be.
    private static bool IsBad(Finding finding) => finding.Verdict is Verdict.Failed or Verdict.Inconclusive;
}

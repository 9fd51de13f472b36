using System.Globalization;
using System.Text;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>The result in a few lines for a terminal.</summary>
public static class ResultText
{
    /// <summary>Writes what was verified and where the report lies.</summary>
    public static string Write(DemoResult result)
    {
        var text = new StringBuilder().AppendLine();
        foreach (var check in result.Checks)
        {
            text.AppendLine($"  {(check.Holds ? "ok  " : "FAIL")} {check.Name} ({check.Seen})");
        }

        if (result.Rollback is { TrafficBackSeconds: { } back })
        {
            text.AppendLine(result.Rollback.DetectSeconds is { } seconds ? Invariant($"  The decision to go back fell {seconds:0.0} s after the fault;") : "  The decision to go back fell;");
            text.AppendLine(Invariant($"  all traffic was proven to be on X {back:0.0} s later."));
        }

        var words = result.Outcome switch
        {
            DemoOutcome.Completed => $"Completed: {result.From} -> {result.To}, {result.Requests.Total} client requests, {result.Requests.Failed} failed.",
            DemoOutcome.RolledBack => $"Rolled back: X ({result.From}) carries all traffic. {result.Problem}",
            _ => $"Failed: {result.Problem}",
        };
        text.AppendLine().AppendLine(words);
        if (result.Report is not null)
        {
            text.AppendLine($"Report: {result.Report}");
        }

        return text.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

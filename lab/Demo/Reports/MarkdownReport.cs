using System.Globalization;
using System.Text;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>The report for people.</summary>
public static class MarkdownReport
{
    /// <summary>Writes the result and the timeline it rests on.</summary>
    public static string Write(DemoResult result, IReadOnlyList<TimelineEntry> timeline)
    {
        var text = new StringBuilder();
        text.AppendLine($"# Upgrade from Kong {result.From} to {result.To}: {Words(result.Outcome)}").AppendLine();
        text.AppendLine($"Upgrade `{result.UpgradeId?.ToString() ?? "not started"}`{(result.Fault is null ? "" : $", fault injected: {result.Fault}")}.").AppendLine();
        if (result.Problem is not null)
        {
            text.AppendLine($"**{result.Problem}**").AppendLine();
        }

        AppendChecks(text, result);
        AppendNumbers(text, result);
        AppendTable(text, "Phases", ["phase", "seconds", "result"], result.Phases.Select(static p => new[] { p.Name, Number(p.Seconds), p.Result }));
        AppendTable(text, "Traffic", ["weight on Y", "seconds", "requests", "share of Y"],
            result.Traffic.Steps.Select(static s => new[] { $"{s.WeightY} %", Number(s.Seconds), $"{s.Requests}", Percent(s.ShareY) }));
        AppendTable(text, "Timeline", ["#", "time", "kind", "phase", "by", "what"],
            timeline.Select(static e => new[] { $"{e.Sequence}", e.At.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture), e.Kind, e.Phase, e.Actor, e.Message }));
        return text.ToString();
    }

    private static void AppendChecks(StringBuilder text, DemoResult result) =>
        AppendTable(text, "Verified", ["", "what", "seen"], result.Checks.Select(static c => new[] { c.Holds ? "✔" : "✘", c.Name, c.Seen }));

    private static void AppendNumbers(StringBuilder text, DemoResult result)
    {
        var rows = new List<string[]>
        {
            new[] { "client requests", $"{result.Requests.Total} ({Number(result.Requests.PerSecond)} a second)" },
            new[] { "failed", result.Fault is null ? $"{result.Requests.Failed}" : $"{result.Requests.Failed}, of these {result.Requests.FailedByFault} answered by Y after the fault" },
            new[] { "clients that moved back without a drill or a rollback", $"{result.Requests.MovedBack}" },
            new[] { "share of Y at the end", Percent(result.Traffic.FinalShareY) },
            new[] { "configuration frozen", result.Freeze.Seconds is { } frozen ? $"{Number(frozen)} s" : "never" },
            new[] { "writes refused / accepted while frozen", $"{result.Freeze.BlockedWrites} / {result.Freeze.AcceptedWrites}" },
            new[] { "tables of X that drifted", result.Freeze.Drift?.ToString(CultureInfo.InvariantCulture) ?? "not measured" },
            new[] { "rate-limit counts kept in X while frozen", $"{result.Freeze.CountedX}" },
        };
        if (result.Rollback != RollbackResult.None)
        {
            rows.Add(["fault to decision", Seconds(result.Rollback.DetectSeconds)]);
            rows.Add(["decision to all traffic on X", Seconds(result.Rollback.TrafficBackSeconds)]);
            rows.Add(["decision to the last answer of Y", Seconds(result.Rollback.LastRequestOnYSeconds)]);
        }

        AppendTable(text, "Measured", ["what", "value"], rows);
    }

    private static void AppendTable(StringBuilder text, string title, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        text.AppendLine($"## {title}").AppendLine();
        text.AppendLine($"| {string.Join(" | ", head)} |");
        text.AppendLine($"|{string.Concat(head.Select(static _ => "---|"))}");
        foreach (var row in all)
        {
            text.AppendLine($"| {string.Join(" | ", row.Select(Cell))} |");
        }

        text.AppendLine();
    }

    private static string Words(DemoOutcome outcome) => outcome switch
    {
        DemoOutcome.Completed => "completed",
        DemoOutcome.RolledBack => "rolled back",
        _ => "failed",
    };

    private static string Cell(string value) => value.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Seconds(double? value) => value is { } known ? $"{known.ToString("0.00", CultureInfo.InvariantCulture)} s" : "not measured";

    private static string Percent(double? share) => share is { } known ? (100 * known).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "no requests";
}

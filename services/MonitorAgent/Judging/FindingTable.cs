using System.Globalization;
using KongUpgradeMesh.Contracts.Monitoring;
using Spectre.Console;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>Findings as a table: on a terminal or as plain lines. No meaning is carried by colour alone.</summary>
internal static class FindingTable
{
    private static readonly string[] Columns = ["VERDICT", "INDICATOR", "X", "Y", "Y-X", "REQUESTS", "FOUND"];

    public static Table Of(string title, IReadOnlyList<VerdictFinding> findings)
    {
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape(title)) };
        table.AddColumns(Columns);
        foreach (var finding in findings)
        {
            var colour = finding switch
            {
                { Override: not null } => "grey",
                { Verdict: Verdict.Passed } => "green",
                { Verdict: Verdict.Inconclusive } => "yellow",
                _ => "red",
            };
            var cells = Cells(finding).Select(Markup.Escape).ToArray();
            table.AddRow([$"[{colour}]{cells[0]}[/]", .. cells[1..]]);
        }

        return table;
    }

    public static void Write(TextWriter output, IReadOnlyList<VerdictFinding> findings)
    {
        string[][] rows = [Columns, .. findings.Select(Cells)];
        var widths = Columns.Select((_, column) => rows.Max(r => r[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    public static string Sentence(VerdictFinding finding) => $"{FindingRef.Of(finding)}: {finding.Message}";

    private static string[] Cells(VerdictFinding finding) =>
    [
        finding.Override is null ? finding.Verdict.ToString() : $"overridden ({finding.Verdict})",
        FindingRef.Of(finding).ToString(),
        Number(finding.ValueX),
        Number(finding.ValueY),
        finding is { Low: { } low, High: { } high } ? $"{Number(low)} to {Number(high)}" : "",
        finding is { SamplesX: null, SamplesY: null } ? "" : $"{finding.SamplesX?.ToString(CultureInfo.InvariantCulture) ?? "-"}/{finding.SamplesY?.ToString(CultureInfo.InvariantCulture) ?? "-"}",
        finding.Message
            + (finding.BadFor is { } badFor ? $" For {badFor.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s." : "")
            + (finding.Override is { } word ? $" Overridden by {word.Actor}: {word.Reason}" : ""),
    ];

    private static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";
}

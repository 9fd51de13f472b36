using System.Globalization;
using KongUpgradeMesh.Cli.Fences;

namespace KongUpgradeMesh.Cli.Printing;

/// <summary>Fences as text.</summary>
internal static class FenceText
{
    public static void Status(TextWriter output, IReadOnlyList<FenceReport> reports)
    {
        foreach (var report in reports)
        {
            output.WriteLine($"cluster {report.Side} ({report.Database}): {Sentence(report)}");
            foreach (var defect in report.Defects)
            {
                output.WriteLine($"  defect: {defect}");
            }

            if (report.Failure is { } failure)
            {
                output.WriteLine($"  {failure.Code}: {failure.Message}");
                output.WriteLine($"  remedy: {failure.Remedy}");
            }

            WriteRefusals(output, report);
        }
    }

    private static string Sentence(FenceReport report) => report.State switch
    {
        FenceState.NoDatabase => "the database does not exist",
        FenceState.None => "no fence, configuration can be written",
        FenceState.Whole => $"fenced, all {report.TablesExpected} tables, {Owner(report)}",
        FenceState.Damaged => $"DAMAGED, {report.TablesFenced} of {report.TablesExpected} tables fenced, {Owner(report)}",
        _ => "UNKNOWN, the database could not be asked",
    };

    /// <summary>Whose fence it is and since when.</summary>
    public static string Owner(FenceReport report) => report.UpgradeId is { } owner ? $"by upgrade {owner} since {Time(report.InstalledAt)}" : "by nobody knows whom (its stamp is lost)";

    private static void WriteRefusals(TextWriter output, FenceReport report)
    {
        if (report.RefusedWrites == 0)
        {
            return;
        }

        output.WriteLine($"  refused writes: {report.RefusedWrites} ({string.Join(", ", report.RefusedByTable.Select(static t => $"{t.Key} {t.Value}"))})");
        if (report.Writers.Count == 0)
        {
            return;
        }

        output.WriteLine("  who tried lately:");
        var table = new TextTable("    LAST", "ROLE", "APPLICATION", "ADDRESS", "OPERATION", "TABLE", "COUNT");
        foreach (var writer in report.Writers)
        {
            table.Add(
                "    " + Time(writer.LastAt), writer.Role ?? "(dropped)", writer.ApplicationName ?? "-", writer.ClientAddress ?? "local", writer.Operation, writer.Table,
                writer.Count.ToString(CultureInfo.InvariantCulture));
        }

        table.WriteTo(output);
    }

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "?";
}

using System.Text.Json;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>Writes a result where it outlives the environment.</summary>
public static class ReportFiles
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes <c>report.md</c>, <c>report.json</c> and <c>timeline.json</c>; returns the result with the path of the first.</summary>
    public static async Task<DemoResult> WriteAsync(string directory, DemoResult result, IReadOnlyList<TimelineEntry> timeline, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var written = result with { Report = Path.Combine(directory, "report.md") };
        await File.WriteAllTextAsync(written.Report, MarkdownReport.Write(written, timeline), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory, "report.json"), written.ToJsonText(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory, "timeline.json"), JsonSerializer.Serialize(timeline, Indented), cancellationToken);
        return written;
    }
}

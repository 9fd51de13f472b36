using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace KongUpgradeMesh.Benchmarks;

/// <summary>What one benchmark measured.</summary>
internal sealed record BenchmarkReport(string Benchmark, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Whether no target was missed.</summary>
    public bool IsMet => Figures.All(static f => f.IsMet);

    /// <summary>Prints a table, or JSON.</summary>
    public static void Print(IReadOnlyList<BenchmarkReport> reports, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(reports, Json));
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        foreach (var report in reports)
        {
            var table = new Table().Title(report.Benchmark).AddColumns("measured", "median", "lowest to highest", "target");
            foreach (var figure in report.Figures)
            {
                var target = figure.Target is null || figure.Unit == "claim" ? "" : string.Create(CultureInfo.InvariantCulture, $"≤ {figure.Target:0.##} {figure.Unit}").TrimEnd();
                table.AddRow(new Text(figure.Name), new Text(figure.Text), new Text(figure.Spread), new Text(figure.IsMet ? target : $"{target} MISSED".TrimStart()));
            }

            console.Write(table);
        }
    }
}

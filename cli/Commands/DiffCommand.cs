using System.CommandLine;
using KongUpgradeMesh.Cli.Differences;
using KongUpgradeMesh.Cli.Specs;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum diff</c>: after a fingerprint that does not fit, says which rows and columns it is. Needs the databases alone.</summary>
internal static class DiffCommand
{
    private const int DefaultRows = 20;

    public static Command Create(SharedOptions shared)
    {
        var file = SpecOption.Create();
        var tables = new Option<string[]>("--table", "-t") { Description = "Only these tables; all that the freeze covers without it", AllowMultipleArgumentsPerToken = true };
        var rows = new Option<int>("--rows") { Description = "How many rows of each table are listed, 0 to 100000", DefaultValueFactory = static _ => DefaultRows };
        rows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 100_000)
            {
                result.AddError("--rows must be a number from 0 to 100000.");
            }
        });
        const string Description = "Show in which rows and columns the configurations of X and Y differ, without values; exit code 1 when they do";
        return shared.Run(new Command("diff", Description) { file, tables, rows }, async (session, parsed, cancellationToken) =>
        {
            var spec = await LocalSpec.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var report = await DifferenceReport.ReadAsync(spec, parsed.GetValue(tables) ?? [], parsed.GetValue(rows), cancellationToken);
            session.Print(report, DifferenceReport.Write);
            return report.Tables.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
    }
}

using KongUpgradeMesh.Cli.Printing;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;
using Npgsql;

namespace KongUpgradeMesh.Cli.Journals;

/// <summary>The writes on cluster Y since it was unfrozen, and which of them a return to cluster X would lose.</summary>
internal sealed record JournalReport
{
    /// <summary>Cluster Y's database.</summary>
    public required string Database { get; init; }

    /// <summary>Whether it has a journal; everything below is empty when not.</summary>
    public required bool Installed { get; init; }

    public Guid? UpgradeId { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    public int Writes => Entries.Count;

    public int WouldBeLost => Entries.Count(static e => e.Lost == true);

    public int CannotBeTold => Entries.Count(static e => e.Lost is null);

    /// <summary>Writes beyond the journal's limit.</summary>
    public long NotRecorded { get; init; }

    /// <summary>Writes that the journal failed to record.</summary>
    public long Failures { get; init; }

    /// <summary>Tables whose writes are not recorded.</summary>
    public IReadOnlyList<string> TablesMissing { get; init; } = [];

    public IReadOnlyList<JournalEntry> Entries { get; init; } = [];

    /// <summary>Reads the journal and asks cluster X, where it still exists.</summary>
    public static async Task<JournalReport> ReadAsync(UpgradeSpec spec, CancellationToken cancellationToken)
    {
        var database = new KongDatabase(spec.To.Database, SecretReference.Resolve);
        await using var y = await database.OpenAdminAsync(cancellationToken);
        if (await WriteJournal.ReadAsync(y, database.Schema, cancellationToken) is not { } journal)
        {
            return new JournalReport { Database = database.ToString(), Installed = false };
        }

        return new JournalReport
        {
            Database = database.ToString(),
            Installed = true,
            UpgradeId = journal.UpgradeId,
            Since = journal.InstalledAt,
            Until = journal.EndsAt,
            NotRecorded = journal.NotRecorded,
            Failures = journal.Failures,
            TablesMissing = journal.TablesMissing,
            Entries = [.. (await JudgeAsync(spec, journal.Writes, y, cancellationToken)).Select(JournalEntry.Of)],
        };
    }

    public static void Write(TextWriter output, JournalReport report)
    {
        if (!report.Installed)
        {
            output.WriteLine($"{report.Database} has no journal: none was begun, or its time is over.");
            return;
        }

        if (report.Writes > 0)
        {
            var table = new TextTable("AT", "TABLE", "WRITE", "KEY", "COLUMNS", "WHO", "LOST", "WHY");
            foreach (var entry in report.Entries)
            {
                table.Add(
                    entry.At.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss"), entry.Table, entry.Operation, string.Join(",", entry.Key?.Values.Select(static v => v.ToString()) ?? []),
                    string.Join(",", entry.Columns ?? []), $"{entry.Role} {entry.Application ?? "-"} {entry.Client ?? "local"}",
                    entry.Lost switch { true => "yes", false => "no", _ => "?" }, entry.Reason);
            }

            table.WriteTo(output);
        }

        output.WriteLine(
            $"{report.Writes} writes since {report.Since:yyyy-MM-dd HH:mm:ss}Z, {report.WouldBeLost} would be lost by a return to cluster X"
            + (report.CannotBeTold > 0 ? $", {report.CannotBeTold} cannot be told" : "") + ".");
        Warn(output, report.NotRecorded > 0, $"{report.NotRecorded} more writes are beyond the journal's limit and were only counted.");
        Warn(output, report.Failures > 0, $"{report.Failures} writes could not be recorded.");
        Warn(output, report.TablesMissing.Count > 0, $"Not recorded at all: {string.Join(", ", report.TablesMissing)}.");
    }

    private static void Warn(TextWriter output, bool applies, string sentence)
    {
        if (applies)
        {
            output.WriteLine(sentence);
        }
    }

    // A cluster X that cannot be asked is no proof of anything: its writes stay untold.
    private static async Task<IReadOnlyList<JudgedWrite>> JudgeAsync(UpgradeSpec spec, IReadOnlyList<JournaledWrite> writes, NpgsqlConnection y, CancellationToken cancellationToken)
    {
        try
        {
            await using var x = await new KongDatabase(spec.From.Database, SecretReference.Resolve).OpenAdminAsync(cancellationToken);
            return await JournalComparison.JudgeAsync(writes, x, y, spec.To.Database.Schema, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code is FailureCodes.DatabaseUnreachable or FailureCodes.DatabaseNotPermitted)
        {
            var gone = exception.Failure is { Code: FailureCodes.DatabaseUnreachable, IsTransient: false };
            return JournalComparison.Unknown(writes, gone ? "cluster X is gone" : $"cluster X cannot be asked: {exception.Failure.Code}");
        }
    }
}

using System.Data;
using System.Globalization;
using KongUpgradeMesh.Cli.Printing;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Cli.Differences;

/// <summary>In which rows the configurations of cluster X and cluster Y differ. Holds no value but those of primary keys.</summary>
internal sealed record DifferenceReport
{
    /// <summary>Cluster X's database.</summary>
    public required string X { get; init; }

    /// <summary>Cluster Y's database.</summary>
    public required string Y { get; init; }

    /// <summary>Tables that were compared.</summary>
    public required int TablesCompared { get; init; }

    /// <summary>Tables that differ, in ordinal order; "added" is what only cluster Y has.</summary>
    public required IReadOnlyList<TableDifference> Tables { get; init; }

    /// <summary>Reads both databases, each in one snapshot.</summary>
    /// <param name="spec">The upgrade.</param>
    /// <param name="only">Tables to be compared; empty for all that the freeze covers.</param>
    /// <param name="rows">How many differing rows of a table are listed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">A database cannot be read, or a table of <paramref name="only"/> is no configuration.</exception>
    public static async Task<DifferenceReport> ReadAsync(UpgradeSpec spec, IReadOnlyList<string> only, int rows, CancellationToken cancellationToken)
    {
        var (x, y) = (new KongDatabase(spec.From.Database, SecretReference.Resolve), new KongDatabase(spec.To.Database, SecretReference.Resolve));
        await using var connectionX = await x.OpenAdminAsync(cancellationToken);
        await using var connectionY = await y.OpenAdminAsync(cancellationToken);
        DatabaseIdentity.EnsureDistinct(
            await DatabaseIdentity.ReadAsync(connectionX, cancellationToken), await DatabaseIdentity.ReadAsync(connectionY, cancellationToken));
        await using var snapshotX = await BeginAsync(connectionX, cancellationToken);
        await using var snapshotY = await BeginAsync(connectionY, cancellationToken);
        var scope = FingerprintScope.Of(spec.Freeze);
        var (before, after) = (new ConfigurationSnapshot(snapshotX, x.Schema), new ConfigurationSnapshot(snapshotY, y.Schema));
        var takenX = await ConfigurationFingerprinter.TakeAsync(snapshotX, x.Schema, scope, cancellationToken);
        var takenY = await ConfigurationFingerprinter.TakeAsync(snapshotY, y.Schema, scope, cancellationToken);
        var differing = ConfigurationFingerprinter.Compare(takenX, takenY);
        var all = takenX.Tables.Concat(takenY.Tables).Select(static t => t.Table).ToHashSet(StringComparer.Ordinal);
        var tables = new List<TableDifference>();
        foreach (var table in only.Count == 0 ? differing : [.. only.Where(t => differing.Contains(t) || !all.Contains(t))])
        {
            tables.Add(await RowComparison.CompareAsync(before, after, table, scope, rows, cancellationToken));
        }

        return new DifferenceReport { X = x.ToString(), Y = y.ToString(), TablesCompared = only.Count == 0 ? all.Count : only.Count, Tables = tables };
    }

    public static void Write(TextWriter output, DifferenceReport report)
    {
        foreach (var table in report.Tables)
        {
            output.WriteLine($"{table.Table}: {Number(table.Added)} rows only on Y, {Number(table.Removed)} only on X, {Number(table.Changed)} changed");
            WriteColumns(output, "only on Y", table.AddedColumns);
            WriteColumns(output, "only on X", table.RemovedColumns);
            if (table.Rows.Count > 0)
            {
                WriteRows(output, table);
            }
        }

        output.WriteLine(report.Tables.Count == 0
            ? $"The configurations of {report.X} and {report.Y} are equal ({report.TablesCompared} tables)."
            : $"{report.Tables.Count} of {report.TablesCompared} tables differ between X ({report.X}) and Y ({report.Y}).");
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await using var command = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return snapshot;
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    private static void WriteColumns(TextWriter output, string where, IReadOnlyList<string> columns)
    {
        if (columns.Count > 0)
        {
            output.WriteLine($"  columns {where}, not compared: {string.Join(", ", columns)}");
        }
    }

    private static void WriteRows(TextWriter output, TableDifference difference)
    {
        var table = new TextTable("  ROW", difference.KeyColumns.Count == 0 ? "(no primary key)" : string.Join(",", difference.KeyColumns).ToUpperInvariant(), "COLUMNS");
        foreach (var row in difference.Rows)
        {
            table.Add("  " + Word(row.Change), string.Join(",", row.Key), string.Join(",", row.Columns));
        }

        table.WriteTo(output);
        var more = difference.Added + difference.Removed + difference.Changed - difference.Rows.Count;
        if (more > 0)
        {
            output.WriteLine($"  and {Number(more)} more; --rows lists more of them");
        }
    }

    private static string Word(RowChange change) => change switch
    {
        RowChange.Added => "only on Y",
        RowChange.Removed => "only on X",
        _ => "changed",
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

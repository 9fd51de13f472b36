using System.Data;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Benchmarks.Fingerprints;

/// <summary>Fingerprints beside <c>pg_dump</c> of the same database, and one changed byte found among all rows.</summary>
internal sealed class FingerprintBenchmark : IBenchmark
{
    private const double RatioTarget = 0.3;
    private const double MemoryTarget = 200;

    public string Name => "fingerprint";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        options.Progress($"filling a Kong database with {options.Rows} consumers and {options.Rows} keys");
        await using var kong = await BulkKong.CreateAsync(options.Rows, cancellationToken);
        return [.. await MeasureSpeedAsync(kong, options, cancellationToken), .. await FindChangeAsync(kong, options, cancellationToken), .. await RewriteAsync(kong, options, cancellationToken)];
    }

    private static async Task<IEnumerable<Figure>> MeasureSpeedAsync(BulkKong kong, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var rounds = new List<(double Both, double Lasting, double Dump, double ParallelDump)>();
        await using var memory = MemoryWatch.Start(kong.ServerProcessId);
        double process = 0, sessions = 0;
        for (var round = 1; round <= options.Rounds; round++)
        {
            options.Progress($"round {round} of {options.Rounds}");
            var both = await Timed.RunAsync(() => TakeAsync(kong, static (c, token) => ConfigurationFingerprinter.TakePairAsync(c, "public", FingerprintScope.Default, token), cancellationToken));
            var lasting = await Timed.RunAsync(() => TakeAsync(kong, static (c, token) => ConfigurationFingerprinter.TakeAsync(c, "public", FingerprintScope.Default, token), cancellationToken));

            // What pg_dump's sessions need is not ours to report.
            (process, sessions) = (Math.Max(process, memory.ProcessRise), round == 1 ? memory.SessionsPeak : sessions);
            var dump = await Timed.RunAsync(() => kong.DumpAsync(1, cancellationToken));
            var parallel = await Timed.RunAsync(() => kong.DumpAsync(2, cancellationToken));
            rounds.Add((both.Seconds, lasting.Seconds, dump.Seconds, parallel.Seconds));
        }

        return
        [
            Figure.Of("fingerprints of a backup (lasting and complete)", "s", rounds.Select(static r => r.Both)),
            Figure.Of("fingerprint of a drift check (lasting)", "s", rounds.Select(static r => r.Lasting)),
            Figure.Of("pg_dump --format=directory", "s", rounds.Select(static r => r.Dump)),
            Figure.Of("pg_dump --format=directory --jobs=2", "s", rounds.Select(static r => r.ParallelDump)),
            Figure.Of("fingerprints of a backup / pg_dump", "", rounds.Select(static r => r.Both / r.Dump), RatioTarget),
            Figure.Of("fingerprints of a backup / pg_dump --jobs=2", "", rounds.Select(static r => r.Both / r.ParallelDump)),
            Figure.Of("memory of this process above its start", "MB", [process], MemoryTarget),
            Figure.Of("memory of the server's sessions, without shared buffers", "MB", [sessions], MemoryTarget),
        ];
    }

    private static async Task<IEnumerable<Figure>> FindChangeAsync(BulkKong kong, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        options.Progress("changing one byte of one row");
        await using var x = await kong.Database.OpenAsync(cancellationToken);
        await using var y = await kong.Database.OpenAsync(cancellationToken);
        await using var before = await x.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var fingerprint = await ConfigurationFingerprinter.TakeAsync(before, "public", FingerprintScope.Default, cancellationToken);
        var username = $"consumer-{(options.Rows / 3) + 1}";
        await kong.ExecuteAsync($"UPDATE consumers SET custom_id = overlay(custom_id PLACING 'X' FROM 9 FOR 1) WHERE username = '{username}'", cancellationToken);
        await using var after = await y.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var tables = ConfigurationFingerprinter.Compare(fingerprint, await ConfigurationFingerprinter.TakeAsync(after, "public", FingerprintScope.Default, cancellationToken));

        var memory = MemoryWatch.Start(kong.ServerProcessId);
        Timed<TableDifference> found;
        await using (memory)
        {
            found = await Timed.RunAsync(() => RowComparison.CompareAsync(
                new ConfigurationSnapshot(before, "public"), new ConfigurationSnapshot(after, "public"), tables.Single(), FingerprintScope.Default, 10, cancellationToken));
        }

        var row = found.Result.Rows.SingleOrDefault();
        await using var asked = new Npgsql.NpgsqlCommand("SELECT id::text FROM public.consumers WHERE username = $1", y) { Parameters = { new() { Value = username } } };
        var expected = (string)(await asked.ExecuteScalarAsync(cancellationToken))!;
        return
        [
            Figure.Claim("one changed byte is found: table, primary key, column", tables is ["consumers"] && row is { Change: RowChange.Changed, Key: [var id], Columns: ["custom_id"] } && id == expected),
            Figure.Of("comparing that table row by row", "s", [found.Seconds]),
            Figure.Of("memory of this process above its start, comparing", "MB", [memory.ProcessRise], MemoryTarget),
            Figure.Of("memory of the server's sessions, comparing", "MB", [memory.SessionsPeak], MemoryTarget),
        ];
    }

    private static async Task<IEnumerable<Figure>> RewriteAsync(BulkKong kong, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        options.Progress("rewriting the largest tables in another order");
        var before = await TakeAsync(kong, static (c, token) => ConfigurationFingerprinter.TakePairAsync(c, "public", FingerprintScope.Default, token), cancellationToken);
        await kong.ExecuteAsync("CLUSTER consumers USING consumers_ws_id_custom_id_unique; CLUSTER tags USING tags_pkey", cancellationToken);
        await kong.ExecuteAsync("ALTER ROLE CURRENT_USER SET TimeZone = 'Asia/Tokyo'; ALTER ROLE CURRENT_USER SET extra_float_digits = 0; ALTER ROLE CURRENT_USER SET bytea_output = 'escape'", cancellationToken);
        var after = await TakeAsync(kong, static (c, token) => ConfigurationFingerprinter.TakePairAsync(c, "public", FingerprintScope.Default, token), cancellationToken);
        return [Figure.Claim("another physical order and other settings change nothing", before.Lasting.Root == after.Lasting.Root && before.Complete.Root == after.Complete.Root)];
    }

    private static async Task<T> TakeAsync<T>(BulkKong kong, Func<Npgsql.NpgsqlConnection, CancellationToken, Task<T>> take, CancellationToken cancellationToken)
    {
        await using var connection = await kong.Database.OpenAsync(cancellationToken);
        return await take(connection, cancellationToken);
    }
}

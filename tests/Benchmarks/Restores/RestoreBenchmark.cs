using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Benchmarks.Restores;

/// <summary>From the freeze to cluster Y's restored and verified database, beside the documented procedure done by hand: dump, create, restore, one after the other.</summary>
/// <remarks>By hand nothing is fenced, proven or compared, and no statistics are gathered; the product does all of it within its time.</remarks>
internal sealed class RestoreBenchmark : IBenchmark
{
    private const double RatioTarget = 0.5;
    private const double MemoryTarget = 200;

    public string Name => "restore";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        options.Progress($"filling a Kong database with {options.Rows} consumers and {options.Rows} keys");
        await using var kong = await BulkKong.CreateAsync(options.Rows, cancellationToken);
        await using var agents = AgentPair.Start(kong.Database.Spec);
        var rounds = new List<(double Product, double Freeze, double Backup, double Restore, double ByHand)>();
        await using var memory = MemoryWatch.Start(kong.ServerProcessId);
        for (var round = 1; round <= options.Rounds; round++)
        {
            options.Progress($"round {round} of {options.Rounds}: the product");
            var product = await agents.RunAsync(cancellationToken);
            options.Progress($"round {round} of {options.Rounds}: by hand");
            var byHand = await Timed.RunAsync(() => ByHandAsync(kong, cancellationToken));
            rounds.Add((product.Total.TotalSeconds, product.Freeze.TotalSeconds, product.Backup.TotalSeconds, product.Restore.TotalSeconds, byHand.Seconds));
        }

        return
        [
            Figure.Of("the product: freeze to restored and verified", "s", rounds.Select(static r => r.Product)),
            Figure.Of("  of it: freeze, with fingerprint", "s", rounds.Select(static r => r.Freeze)),
            Figure.Of("  of it: backup, proven by a restore", "s", rounds.Select(static r => r.Backup)),
            Figure.Of("  of it: Y's database, compared again", "s", rounds.Select(static r => r.Restore)),
            Figure.Of("by hand: pg_dump, createdb, pg_restore", "s", rounds.Select(static r => r.ByHand)),
            Figure.Of("the product / by hand", "", rounds.Select(static r => r.Product / r.ByHand), RatioTarget),
            Figure.Of("memory of both agents above their start", "MB", [memory.ProcessRise], MemoryTarget),
        ];
    }

    private static async Task<bool> ByHandAsync(BulkKong kong, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("kum-by-hand-");
        try
        {
            var dump = Path.Combine(directory.FullName, "dump");
            await kong.RunToolAsync("pg_dump", ["--format=directory", $"--file={dump}"], cancellationToken);
            await kong.RunToolAsync("createdb", ["by_hand"], cancellationToken);
            await kong.RunToolAsync("pg_restore", ["--dbname=by_hand", "--exit-on-error", "--single-transaction", "--no-owner", dump], cancellationToken);
            return true;
        }
        finally
        {
            await kong.RunToolAsync("dropdb", ["--if-exists", "by_hand"], CancellationToken.None);
            directory.Delete(recursive: true);
        }
    }
}

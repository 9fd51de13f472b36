using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Tests.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class FreezingTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Freezes_verifies_and_unfreezes_cluster_X()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        Assert.Equal(10, frozen.FencedTables);
        Assert.Equal(frozen.Fingerprint.Root, (await bench.FreezeAsync()).Fingerprint.Root);
        await Assert.ThrowsAsync<PostgresException>(() => kong.RunAsync("DELETE FROM services"));
        Assert.Equal(1, (await bench.VerifyAsync(frozen.Fingerprint)).RefusedWrites);

        var unfrozen = await bench.UnfreezeAsync(ClusterSide.X, ClusterSide.Y);
        Assert.Equal((1L, 0), (unfrozen.RefusedWrites, unfrozen.DriftedTables));
        Assert.Equal(0L, await kong.AskAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_fence'"));
        Assert.Equal(20, await kong.RunAsync("DELETE FROM services"));
        Assert.Equal(0, (await bench.UnfreezeAsync(ClusterSide.X)).RefusedWrites);
    }

    [Fact]
    public async Task Refuses_unknown_tables_before_it_changes_anything()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("CREATE TABLE custom_limits (id int)");
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Freeze = new FreezeSpec { UnknownTables = UnknownTableChoice.Refuse } };
        var failure = await Bench.FailureOfAsync(bench.FreezeAsync);
        Assert.Equal(FailureCodes.UnknownTables, failure.Code);
        Assert.Equal(["custom_limits"], failure.Details);
        Assert.Equal(1, await kong.RunAsync("DELETE FROM services WHERE name = 'service-1'"));
    }

    [Fact]
    public async Task Names_the_writers_that_do_not_end()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var patient = bench.Spec;
        bench.Spec = patient with { Freeze = new FreezeSpec { DrainTimeout = TimeSpan.FromMilliseconds(500), LockTimeout = TimeSpan.FromMilliseconds(50) } };
        await using var writer = await kong.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await SmallKong.RunAsync(writer, "UPDATE services SET host = 'slow' WHERE name = 'service-1'");
        Assert.Equal(FailureCodes.WritersNotDrained, (await Bench.FailureOfAsync(bench.FreezeAsync)).Code);
        await transaction.RollbackAsync();
        bench.Spec = patient;
        await bench.FreezeAsync();
    }

    [Fact]
    public async Task Notices_a_fence_that_fell()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        await kong.RunAsync("ALTER TABLE plugins DISABLE TRIGGER kum_fence_rows");
        var failure = await Bench.FailureOfAsync(() => bench.VerifyAsync(frozen.Fingerprint));
        Assert.Equal(FailureCodes.FenceNotHolding, failure.Code);
        Assert.Contains(failure.Details, static d => d.Contains("plugins", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Takes_a_change_of_what_may_drift_for_no_drift_and_backs_it_up_all_the_same()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Freeze = new FreezeSpec { AllowedDrift = ["snis"] } };
        var frozen = await bench.FreezeAsync();
        await kong.RunAsync("ALTER TABLE snis DISABLE TRIGGER USER; UPDATE snis SET name = 'b.example'; ALTER TABLE snis ENABLE ALWAYS TRIGGER kum_fence_rows; ALTER TABLE snis ENABLE ALWAYS TRIGGER kum_fence_truncate");
        await bench.FenceAsync(kong.Spec);
        await bench.VerifyAsync(frozen.Fingerprint);
        var backup = await BackupCatalog.OpenAsync((await bench.BackUpAsync(frozen.Fingerprint)).Location, null, CancellationToken.None);
        Assert.Equal(["snis"], backup.Manifest.CompleteFingerprint.Tables.Select(static t => t.Table).Except(backup.Manifest.Fingerprint.Tables.Select(static t => t.Table)));
        Assert.True(backup.Manifest.RestoreTested);
    }

    [Fact]
    public async Task Notices_drift_behind_a_fence_that_was_put_back()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        await kong.RunAsync("ALTER TABLE snis DISABLE TRIGGER USER; DELETE FROM snis; ALTER TABLE snis ENABLE ALWAYS TRIGGER kum_fence_rows; ALTER TABLE snis ENABLE ALWAYS TRIGGER kum_fence_truncate");
        var failure = await Bench.FailureOfAsync(() => bench.VerifyAsync(frozen.Fingerprint));
        Assert.Equal(FailureCodes.FenceNotHolding, failure.Code);
        Assert.Equal(["table snis: trigger was dropped or disabled for a while"], failure.Details);

        // A repaired fence does not make good what was written meanwhile.
        await bench.FenceAsync(kong.Spec);
        failure = await Bench.FailureOfAsync(() => bench.VerifyAsync(frozen.Fingerprint));
        Assert.Equal(FailureCodes.ConfigurationDrifted, failure.Code);
        Assert.Equal(["snis"], failure.Details);
        Assert.Equal(1, (await bench.UnfreezeAsync(ClusterSide.X)).DriftedTables);
    }

    [Fact]
    public async Task Verifies_cluster_Y_as_well()
    {
        var x = await postgres.KongAsync();
        var y = await postgres.KongAsync();
        using var bench = new Bench(x.Spec, y.Spec);
        var frozen = await bench.FreezeAsync();
        var expectedY = await Bench.FingerprintAsync(y.Spec);
        Assert.Equal(FailureCodes.FenceNotHolding, (await Bench.FailureOfAsync(() => bench.VerifyAsync(frozen.Fingerprint, expectedY))).Code);

        await bench.FenceAsync(y.Spec);
        await bench.VerifyAsync(frozen.Fingerprint, expectedY);

        await bench.UnfreezeAsync(ClusterSide.Y);
        await y.RunAsync("DELETE FROM snis");
        await bench.FenceAsync(y.Spec);
        Assert.Equal(["snis"], (await Bench.FailureOfAsync(() => bench.VerifyAsync(frozen.Fingerprint, expectedY))).Details);
        await bench.VerifyAsync(frozen.Fingerprint);
    }

    [Fact]
    public async Task Never_takes_cluster_X_for_cluster_Y()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec, kong.Spec with { Host = "localhost" });
        var frozen = await bench.FreezeAsync();
        Assert.Equal(FailureCodes.SameDatabase, (await Bench.FailureOfAsync(() => bench.VerifyAsync(frozen.Fingerprint, frozen.Fingerprint))).Code);
        Assert.Equal(FailureCodes.SameDatabase, (await Bench.FailureOfAsync(() => bench.UnfreezeAsync(ClusterSide.Y))).Code);
        await bench.VerifyAsync(frozen.Fingerprint);
    }

    [Fact]
    public async Task Unfreezes_cluster_X_even_when_the_server_of_Y_is_gone()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec, kong.Spec with { Name = "y", Port = LoopbackPorts.Take() });
        await bench.FreezeAsync();
        var failure = await Bench.FailureOfAsync(() => bench.UnfreezeAsync(ClusterSide.Y, ClusterSide.X));
        Assert.Equal((FailureCodes.DatabaseUnreachable, true), (failure.Code, failure.IsTransient));
        Assert.Equal(20, await kong.RunAsync("DELETE FROM services"));
    }

    [Fact]
    public async Task Leaves_the_fence_of_another_upgrade_alone()
    {
        var kong = await postgres.KongAsync();
        using var first = new Bench(kong.Spec);
        using var second = new Bench(kong.Spec);
        var frozen = await first.FreezeAsync();
        Assert.Equal(FailureCodes.UpgradeAlreadyRunning, (await Bench.FailureOfAsync(second.FreezeAsync)).Code);
        await second.UnfreezeAsync(ClusterSide.X);
        await first.VerifyAsync(frozen.Fingerprint);
    }
}

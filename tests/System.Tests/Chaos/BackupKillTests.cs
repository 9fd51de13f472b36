using System.Diagnostics;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.System.Tests.Mesh;
using Npgsql;

namespace KongUpgradeMesh.System.Tests.Chaos;

/// <summary>kill -9 of the agents and of PostgreSQL's backends in the middle of freeze, backup and restore.</summary>
/// <remarks>A killed backend makes PostgreSQL end all its sessions and recover, as after a crash. What cannot be redone ends cleanly and is begun again by an operator.</remarks>
[Collection("mesh of processes")]
public sealed class BackupKillTests(ITestOutputHelper output)
{
    private const string Backup = "backup-eu1";
    private const string Deploy = "deploy-eu1";
    private const string Backend = "a backend of PostgreSQL";
    private const int Consumers = 60_000;

    // In the order of the procedure; each is waited for in the try that follows the kill before it.
    private static readonly (string Step, string Activity, string Victim)[] Kills =
    [
        ("freeze-configuration", "waiting", Backup),
        ("freeze-configuration", "fingerprinting", Backend),
        ("take-backup", "dumping", Backup),
        ("take-backup", "dumping", Backend),
        ("take-backup", "restoring", Backup),
        ("take-backup", "restoring", Backend),
        ("take-backup", "restoring", Backup),
        ("restore-database", "comparing", Deploy),
        ("restore-database", "restoring", Deploy),
        ("restore-database", "restoring", Backend),
    ];

    [Fact]
    public async Task Backup_and_restore_are_redone_or_end_cleanly_wherever_something_dies()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var upgrade = await LabUpgrade.StartAsync(mesh, "backup-kill", "eu1", 10, new LabPacing(), start: environment => StartAsync(mesh, environment));
        var before = await FingerprintAsync(upgrade.Environment.Spec.From.Database);
        var (last, hits) = (Place.None, 0);
        foreach (var kill in Kills)
        {
            var place = await ReachesAsync(mesh, upgrade, kill.Step, kill.Activity, last);
            hits += place.Hit ? 1 : 0;
            output.WriteLine($"{kill.Step} {kill.Activity}: {(place.Hit ? "killed" : "went by unseen again and again, killed all the same:")} {kill.Victim}");
            await KillAsync(mesh, upgrade, kill.Victim);
            last = place;
        }

        await ReachesGateAsync(mesh, upgrade);
        output.WriteLine($"{hits} of {Kills.Length} died where it was meant");
        Assert.True(hits >= Kills.Length - 2, $"only {hits} kills hit what they were meant to hit");

        // X as it was and frozen; one backup, whole and proven; nothing half done anywhere.
        var x = new KongDatabase(upgrade.Environment.Spec.From.Database, SecretReference.Resolve);
        await using (var connection = await x.OpenAdminAsync(CancellationToken.None))
        {
            await new WriteFence(FenceOptions.Of(upgrade.UpgradeId, x.Spec, upgrade.Environment.Spec.Freeze), TimeProvider.System).RequireAsync(connection, CancellationToken.None);
        }

        Assert.Empty(ConfigurationFingerprinter.Compare(before, await FingerprintAsync(x.Spec)));
        var catalog = new BackupCatalog(upgrade.Environment.Spec.Backup.Directory, upgrade.Environment.Spec.Cluster);
        Assert.Empty(catalog.Partials());
        foreach (var kept in catalog.List())
        {
            Assert.True((await BackupCatalog.OpenAsync(kept.Location, null, CancellationToken.None)).Manifest.RestoreTested);
        }

        Assert.Equal(0L, await AskAsync(upgrade, "postgres", $"SELECT count(*) FROM pg_database WHERE datname LIKE '{ScratchDatabase.Prefix}%'"));

        Assert.True((await OperateAsync(mesh, upgrade, "rollback")).Accepted);
        await upgrade.Watch.ReachesAsync("the end", static t => t[^1].Kind == "ended", TimeSpan.FromMinutes(3));
        Assert.All(
            await EndState.VerifyAsync(upgrade.Environment, ClusterSide.X, CancellationToken.None), check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));
    }

    /// <summary>Gives cluster X so much configuration that dump and restore take long enough to be hit, and starts an upgrade that stops before the first shift.</summary>
    private static async Task<Guid> StartAsync(MeshOfProcesses mesh, DemoEnvironment environment)
    {
        await using (var connection = new NpgsqlConnection(environment.Postgres.ConnectionString(environment.Spec.From.Database.Name)))
        {
            await connection.OpenAsync();
            await using var fill = new NpgsqlCommand(
                $"INSERT INTO consumers (id, username, ws_id) SELECT gen_random_uuid(), 'many-' || n, (SELECT id FROM workspaces LIMIT 1) FROM generate_series(1, {Consumers}) n",
                connection);
            await fill.ExecuteNonQueryAsync();
        }

        var spec = environment.Spec with { Gates = [new GateSpec { Before = "Shift" }] };
        var accepted = await mesh.Client.CallAsync(
            api => api.StartAsync(new StartUpgradeRequest { RequestId = Guid.NewGuid().ToString(), RequestedBy = "system-test", Spec = SpecFile.ToJson(spec) }, CancellationToken.None),
            CancellationToken.None);
        return accepted.UpgradeId;
    }

    /// <summary>Waits until a try later than <paramref name="after"/> is at the activity. A run that went past it unseen is rolled back and begun again, up to three times.</summary>
    private static async Task<Place> ReachesAsync(MeshOfProcesses mesh, LabUpgrade upgrade, string step, string activity, Place after)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        var running = KeepRunningAsync(mesh, upgrade, limit.Token);
        try
        {
            var place = await SeesAsync(mesh, upgrade, step, activity, after, limit.Token);
            for (var again = 0; again < 3 && !place.Hit; again++)
            {
                Assert.True((await OperateAsync(mesh, upgrade, "rollback")).Accepted);
                place = await SeesAsync(mesh, upgrade, step, activity, place with { Sequence = int.MaxValue }, limit.Token);
            }

            return place;
        }
        finally
        {
            await limit.CancelAsync();
            await running;
        }
    }

    private static async Task<Place> SeesAsync(MeshOfProcesses mesh, LabUpgrade upgrade, string step, string activity, Place after, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(mesh.Postgres.ConnectionString("kum"));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT name, coalesce(activity, ''), epoch, sequence, attempt FROM kum.leases WHERE upgrade_id = $1 AND lane = 'main'", connection)
        {
            Parameters = { new() { Value = upgrade.UpgradeId } },
        };
        await command.PrepareAsync(cancellationToken);
        var order = Kills.Select(static k => k.Step).Distinct().ToList();
        while (true)
        {
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                if (await reader.ReadAsync(cancellationToken))
                {
                    var name = reader.GetString(0);
                    var place = new Place(reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), Hit: name == step);
                    if (place.CompareTo(after) > 0)
                    {
                        var index = order.IndexOf(name);
                        if (place.Hit ? reader.GetString(1).StartsWith(activity, StringComparison.Ordinal) : index < 0 ? IsPast(name) : index > order.IndexOf(step))
                        {
                            return place;
                        }
                    }
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    private static bool IsPast(string step) => step is "migrate-database" or "start-cluster" or "run-staging-tests";

    private static async Task ReachesGateAsync(MeshOfProcesses mesh, LabUpgrade upgrade)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var running = KeepRunningAsync(mesh, upgrade, limit.Token);
        try
        {
            await upgrade.Watch.ReachesAsync("the gate", static t => t[^1].Kind == "gate-waiting", TimeSpan.FromMinutes(5));
        }
        finally
        {
            await limit.CancelAsync();
            await running;
        }
    }

    // What cannot be redone must have ended cleanly: all on X, X writable. Then a person begins it again.
    private static async Task KeepRunningAsync(MeshOfProcesses mesh, LabUpgrade upgrade, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if ((await upgrade.Watch.ReadAsync()) is [.., { Kind: "ended" }])
            {
                Assert.Equal(0L, await AskAsync(upgrade, upgrade.Environment.Spec.From.Database.Name, "SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_fence'"));
                Assert.True((await OperateAsync(mesh, upgrade, "retry")).Accepted);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private static Task<Contracts.Upgrades.OperatorCommandAnswered> OperateAsync(MeshOfProcesses mesh, LabUpgrade upgrade, string verb) => mesh.Client.CallAsync(
        api => api.OperateAsync(upgrade.UpgradeId, verb, new OperatorRequest { Actor = "system-test", Reason = "killed on purpose" }, CancellationToken.None), CancellationToken.None);

    private static async Task KillAsync(MeshOfProcesses mesh, LabUpgrade upgrade, string victim)
    {
        if (victim != Backend)
        {
            await mesh.AgentProcesses[victim].KillAsync();
            mesh.AgentProcesses[victim].Start();
            return;
        }

        // The busiest of the product's own sessions: pg_dump, pg_restore, or a query of an agent.
        var process = await AskAsync(
            upgrade, "postgres",
            """
            SELECT coalesce((SELECT pid FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name IN ('pg_dump', 'pg_restore', 'kong-upgrade-mesh')
                ORDER BY state = 'active' DESC, application_name LIKE 'pg_%' DESC LIMIT 1), 0)::bigint
            """);
        if (process > 0)
        {
            try
            {
                using var backend = Process.GetProcessById((int)process);
                backend.Kill();
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                // It ended by itself since it was seen: this blow fell into the air, and the next one follows.
            }
        }
    }

    private static async Task<long> AskAsync(LabUpgrade upgrade, string database, string sql)
    {
        await using var connection = new NpgsqlConnection(upgrade.Environment.Postgres.ConnectionString(database) + ";Pooling=false");
        await TestKit.Eventually.HoldsAsync("PostgreSQL answers", async () =>
        {
            try
            {
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<ConfigurationFingerprint> FingerprintAsync(DatabaseSpec database)
    {
        await using var connection = await new KongDatabase(database, SecretReference.Resolve).OpenAdminAsync(CancellationToken.None);
        return await ConfigurationFingerprinter.TakeAsync(connection, database.Schema, FingerprintScope.Default, CancellationToken.None);
    }

    /// <summary>One try at a step of the main lane.</summary>
    private sealed record Place(int Epoch, int Sequence, int Attempt, bool Hit) : IComparable<Place>
    {
        public static Place None { get; } = new(0, 0, 0, false);

        public int CompareTo(Place? other) => (Epoch, Sequence, Attempt).CompareTo((other!.Epoch, other.Sequence, other.Attempt));
    }
}

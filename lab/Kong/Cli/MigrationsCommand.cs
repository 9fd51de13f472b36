using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Migrations;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary><c>kong migrations bootstrap|up|finish|list|status</c>.</summary>
internal sealed class MigrationsCommand(Flavour flavour, KongConfiguration configuration, TimeProvider time)
{
    private const int NeedsBootstrap = 3;
    private const int NeedsFinish = 4;
    private const int NeedsUp = 5;

    public async Task<int> RunAsync(string? action, CancellationToken cancellationToken)
    {
        if (action is not ("bootstrap" or "up" or "finish" or "list" or "status" or "reset"))
        {
            throw new CommandFailedException($"invalid command: {action}");
        }

        configuration.Prefix.Create();
        await using var database = new NpgsqlDataSourceBuilder(configuration.ConnectionString("kong migrations")).Build();
        var state = await StateAsync(database, cancellationToken);
        return action switch
        {
            "list" => List(state),
            "status" => Status(state),
            "bootstrap" => await BootstrapAsync(database, state, cancellationToken),
            "up" => await UpAsync(database, cancellationToken),
            "finish" => await FinishAsync(database, cancellationToken),
            _ => throw new CommandFailedException("migrations reset is not served here: it would delete the configuration of a cluster"),
        };
    }

    private async Task<SchemaState> StateAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await SchemaState.LoadAsync(connection, flavour, cancellationToken);
    }

    private static int List(SchemaState state)
    {
        if (state.NeedsBootstrap)
        {
            Console.WriteLine("Database needs bootstrapping; run 'kong migrations bootstrap'");
            return NeedsBootstrap;
        }

        Console.WriteLine("Executed migrations:\n" + SchemaState.Format(state.Executed));
        if (state.Pending.Count > 0)
        {
            Console.WriteLine("\nPending migrations:\n" + SchemaState.Format(state.Pending));
        }

        if (state.New.Count > 0)
        {
            Console.WriteLine("\nNew migrations available:\n" + SchemaState.Format(state.New));
        }

        if (state.Pending.Count > 0)
        {
            Console.WriteLine("\nRun 'kong migrations finish' when ready");
            return NeedsFinish;
        }

        if (state.New.Count > 0)
        {
            Console.WriteLine("\nRun 'kong migrations up' to proceed");
            return NeedsUp;
        }

        return 0;
    }

    private static int Status(SchemaState state)
    {
        static Dictionary<string, string[]> Group(IReadOnlyList<Migration> migrations) =>
            migrations.GroupBy(m => m.Subsystem).ToDictionary(g => g.Key, g => g.Select(m => m.Name).ToArray());
        Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["executed_migrations"] = Group(state.Executed),
            ["pending_migrations"] = Group(state.Pending),
            ["new_migrations"] = Group(state.New),
            ["needs_bootstrap"] = state.NeedsBootstrap,
        }));
        return 0;
    }

    private async Task<int> BootstrapAsync(NpgsqlDataSource database, SchemaState state, CancellationToken cancellationToken)
    {
        if (!state.NeedsBootstrap)
        {
            Console.WriteLine("Database already bootstrapped");
            return 0;
        }

        Console.WriteLine("Bootstrapping database...");
        await new Migrator(database, configuration.Database, Console.Out).BootstrapAsync(flavour, cancellationToken);
        Console.WriteLine("Database is up-to-date");
        return 0;
    }

    private async Task<int> UpAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var held = await LockAsync(database, cancellationToken);

        // Read again: whoever held the lock before may have done the work.
        var state = await StateAsync(database, cancellationToken);
        if (state.Pending.Count > 0)
        {
            throw new CommandFailedException("Database has pending migrations; run 'kong migrations finish'");
        }

        if (state.New.Count == 0)
        {
            Console.WriteLine("Database is already up-to-date");
            return 0;
        }

        await new Migrator(database, configuration.Database, Console.Out).UpAsync(state.New, cancellationToken);
        Console.WriteLine(state.New.Any(m => m.HasTeardown)
            ? "\nDatabase has pending migrations; run 'kong migrations finish' when ready"
            : "Database is up-to-date");
        return 0;
    }

    private async Task<int> FinishAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var held = await LockAsync(database, cancellationToken);
        var state = await StateAsync(database, cancellationToken);
        if (state.Pending.Count > 0)
        {
            await new Migrator(database, configuration.Database, Console.Out).FinishAsync(state.Pending, cancellationToken);
        }

        // The real one succeeds here without having done anything; callers must not take the exit code for an answer.
        Console.WriteLine(state.New.Count > 0
            ? "\nNew migrations available; run 'kong migrations up' to proceed"
            : "No pending migrations to finish");
        return 0;
    }

    private async Task<MigrationLock> LockAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if ((await StateAsync(database, cancellationToken)).NeedsBootstrap)
        {
            throw new CommandFailedException("Database needs bootstrapping; run 'kong migrations bootstrap'");
        }

        return await MigrationLock.AcquireAsync(database, time, cancellationToken);
    }
}

using System.Data.Common;
using DbUp;
using DbUp.Engine;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Schema;

/// <summary>Runs the numbered scripts under an advisory lock, and tries again with back-off until the database lets it.</summary>
internal sealed class SchemaMigrator(
    MessagingDataSource dataSource,
    IEnumerable<SchemaScripts> scripts,
    TimeProvider clock,
    ILogger<SchemaMigrator> logger) : BackgroundService, ISchemaMigrator
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromMinutes(5);

    // "kum" and "schema": two halves of the key that every process of the product uses.
    private const int LockClass = 0x6b756d;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public string? LastError { get; private set; }

    public Task WhenReadyAsync(CancellationToken cancellationToken) =>
        _ready.Task.IsCompleted ? _ready.Task : _ready.Task.WaitAsync(cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = TimeSpan.FromMilliseconds(250);
        while (true)
        {
            try
            {
                await MigrateAsync(stoppingToken);
                LastError = null;
                _ready.TrySetResult();
                Log.SchemaReady(logger, dataSource.Schema);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LastError = exception.Message;
                Log.SchemaWaits(logger, wait, exception);
            }

            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        try
        {
            await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {dataSource.Schema}", cancellationToken);

            // DbUp is synchronous; its own thread keeps the pool free.
            var result = await Task.Factory.StartNew(() => Engine().PerformUpgrade(), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (!result.Successful)
            {
                throw new InvalidOperationException($"schema script {result.ErrorScript?.Name ?? "(none)"} failed: {result.Error.Message}", result.Error);
            }
        }
        finally
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockClass}, hashtext('{dataSource.Schema}'))", CancellationToken.None);
        }
    }

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({LockClass}, hashtext('{dataSource.Schema}'))", connection);
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return;
            }

            LastError = "another process is changing the schema";
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
        }
    }

    private UpgradeEngine Engine()
    {
        var builder = PostgresqlExtensions.PostgresqlDatabase(new DataSourceConnections(dataSource.Source), dataSource.Schema);
        var order = 1;
        foreach (var set in scripts)
        {
            builder = builder.WithScriptsEmbeddedInAssembly(set.Assembly, set.Contains, new SqlScriptOptions { RunGroupOrder = order++ });
        }

        return builder
            .WithVariablesDisabled()
            .WithPreprocessor(new SchemaNamePreprocessor(dataSource.Schema))
            .WithTransactionPerScript()
            .WithExecutionTimeout(ScriptTimeout)
            .JournalToPostgresqlTable(dataSource.Schema, "schema_versions")
            .LogTo(new UpgradeLog(logger))
            .Build();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

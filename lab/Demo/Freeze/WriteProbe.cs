using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Configuration;
using Npgsql;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>Tries about once a second to change the configuration, as somebody who has not heard of the freeze would.</summary>
/// <remarks>
/// Both writes are harmless where they are taken: the SQL one is always rolled back, the Admin API one sets what is set already.
/// They are tried only between <see cref="Start"/> and <see cref="StopAsync"/>, because even they move <c>updated_at</c>.
/// </remarks>
public sealed class WriteProbe : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentQueue<WriteAttempt> _attempts = new();
    private readonly ConcurrentDictionary<ClusterSide, bool> _sides = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(3) };
    private readonly UpgradeSpec _spec;
    private readonly TimeProvider _clock;
    private readonly Repetition _trying;

    /// <summary>Prepares; nothing is tried yet.</summary>
    public WriteProbe(UpgradeSpec spec, TimeProvider clock)
    {
        (_spec, _clock) = (spec, clock);
        _trying = new Repetition(TryAsync, Interval, clock);
    }

    /// <summary>Every try so far.</summary>
    public IReadOnlyList<WriteAttempt> Attempts => [.. _attempts];

    /// <summary>Begins to try on a side, or goes on with one side more.</summary>
    public void Start(ClusterSide side)
    {
        _sides[side] = true;
        _trying.Start();
    }

    /// <summary>Tries no more; the last try has ended when this returns.</summary>
    public async Task StopAsync()
    {
        _sides.Clear();
        await _trying.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _trying.DisposeAsync();
        _http.Dispose();
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        foreach (var side in _sides.Keys)
        {
            var cluster = side == ClusterSide.X ? _spec.From : _spec.To;
            await KeepAsync(side, WriteWay.AdminApi, () => TryAdminApiAsync(cluster, cancellationToken));
            await KeepAsync(side, WriteWay.Sql, () => TrySqlAsync(cluster.Database, cancellationToken));
        }
    }

    private async Task KeepAsync(ClusterSide side, WriteWay way, Func<Task<(WriteAnswer Answer, string Detail)>> attempt)
    {
        var at = _clock.GetUtcNow();
        var (answer, detail) = await attempt();
        _attempts.Enqueue(new WriteAttempt(at, _clock.GetUtcNow(), side, way, answer, detail));
    }

    private async Task<(WriteAnswer Answer, string Detail)> TryAdminApiAsync(ClusterSpec cluster, CancellationToken cancellationToken)
    {
        try
        {
            var address = new Uri(cluster.Nodes[0].Admin, $"services/{SampleConfiguration.ProbedService}");
            using var response = await _http.PatchAsJsonAsync(address, new { retries = SampleConfiguration.Retries }, cancellationToken);
            var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => (WriteAnswer.Accepted, status),
                // A trigger's refusal is a plain 500 to Kong; a proxy before the Admin API answers 423.
                HttpStatusCode.InternalServerError or HttpStatusCode.Locked => (WriteAnswer.Refused, status),
                _ => (WriteAnswer.Unanswered, status),
            };
        }
        catch (HttpRequestException exception)
        {
            return (WriteAnswer.Unanswered, exception.HttpRequestError.ToString());
        }
        catch (TaskCanceledException)
        {
            return (WriteAnswer.Unanswered, "timeout");
        }
    }

    private static async Task<(WriteAnswer Answer, string Detail)> TrySqlAsync(DatabaseSpec database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await LabDatabase.OpenAsync(database, cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                $"SET LOCAL lock_timeout = '1s'; UPDATE {database.Schema}.services SET retries = retries WHERE name = '{SampleConfiguration.ProbedService}'", connection, transaction);
            var rows = await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.RollbackAsync(cancellationToken);
            return rows == 1 ? (WriteAnswer.Accepted, "rolled back by the probe") : (WriteAnswer.Unanswered, "no such row");
        }
        catch (PostgresException exception) when (SaysNothing(exception))
        {
            return (WriteAnswer.Unanswered, exception.SqlState);
        }
        catch (PostgresException exception)
        {
            return (WriteAnswer.Refused, exception.SqlState);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return (WriteAnswer.Unanswered, exception.GetType().Name);
        }
    }

    // No lock, no memory, shutting down, no such database or table, connection lost: the fence was not asked.
    private static bool SaysNothing(PostgresException exception) =>
        exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.UndefinedTable
        || exception.SqlState.StartsWith("08", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("40", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("53", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("57", StringComparison.Ordinal);
}

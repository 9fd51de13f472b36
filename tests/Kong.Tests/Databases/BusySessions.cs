using System.Diagnostics;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Sessions that read and write a set of tables in short transactions, and measure how long each statement takes.</summary>
internal sealed class BusySessions : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _sessions = [];
    private long _longest;
    private long _statements;
    private long _refused;

    public long Statements => Interlocked.Read(ref _statements);

    public long Refused => Interlocked.Read(ref _refused);

    public static async Task<BusySessions> StartAsync(SmallKong kong, string[] tables, int count)
    {
        var busy = new BusySessions();
        for (var n = 0; n < count; n++)
        {
            var connection = await kong.OpenAsync();
            var session = n;
            busy._sessions.Add(Task.Run(() => busy.RunAsync(connection, tables, session)));
        }

        return busy;
    }

    /// <summary>The longest statement since the last call.</summary>
    public TimeSpan TakeLongest() => Stopwatch.GetElapsedTime(0, Interlocked.Exchange(ref _longest, 0));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_sessions);
        _stop.Dispose();
    }

    private async Task RunAsync(NpgsqlConnection connection, string[] tables, int session)
    {
        await using var owned = connection;
        using var pace = new PeriodicTimer(Pace, TimeProvider.System);
        try
        {
            while (await pace.WaitForNextTickAsync(_stop.Token))
            {
                await TransactAsync(connection, tables, session);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end of the load.
        }
    }

    // Each session writes a row of its own, and two tables in any order: nobody but the fence makes it wait.
    private async Task TransactAsync(NpgsqlConnection connection, string[] tables, int session)
    {
        await ExecuteAsync(connection, "BEGIN");
        for (var n = 0; n < 2; n++)
        {
            var table = tables[Random.Shared.Next(tables.Length)];
            var statement = session % 2 == 0 ? $"UPDATE {table} SET v = v + 1 WHERE id = {session}" : $"SELECT sum(v) FROM {table}";
            if (!await ExecuteAsync(connection, statement))
            {
                break;
            }
        }

        await ExecuteAsync(connection, "COMMIT");
    }

    private async Task<bool> ExecuteAsync(NpgsqlConnection connection, string statement)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await SmallKong.RunAsync(connection, statement);
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState == WriteFence.SqlState)
        {
            Interlocked.Increment(ref _refused);
            return false;
        }
        finally
        {
            Interlocked.Increment(ref _statements);
            var took = Stopwatch.GetTimestamp() - started;
            for (var seen = Interlocked.Read(ref _longest); took > seen; seen = Interlocked.Read(ref _longest))
            {
                if (Interlocked.CompareExchange(ref _longest, took, seen) == seen)
                {
                    break;
                }
            }
        }
    }
}

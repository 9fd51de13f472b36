using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Does work that needs locks on Kong's tables in short rounds, so that nobody's statements queue behind us while we queue behind a long transaction.</summary>
/// <remarks>
/// A round is one statement that waits for its locks and does the work, and the commit that follows it in the same message to the server: nothing of ours
/// travels while locks are held. The server ends the statement at <see cref="LimitAsync"/>, and the locks with it.
/// </remarks>
internal sealed class LockRounds(NpgsqlConnection connection, FenceOptions options, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // A transaction of this age is not expected to end within a round.
    private static readonly TimeSpan LongTransaction = TimeSpan.FromSeconds(1);

    /// <summary>What needs locks on Kong's tables.</summary>
    /// <param name="Sql">The statements.</param>
    /// <param name="Tables">The tables whose locks are wanted, to see who holds them.</param>
    /// <param name="WithReaders">Whether readers are in the way as well.</param>
    internal sealed record Work(string Sql, string[] Tables, bool WithReaders);

    /// <summary>Prepares, then runs the work in rounds, all in one transaction; when the patience is used up nothing of either is left.</summary>
    /// <param name="prepare">Does what needs no lock on Kong's tables and returns what does; null when nothing does.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    public async Task RunAsync(Func<CancellationToken, Task<Work?>> prepare, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        await connection.ExecuteAsync("BEGIN", cancellationToken);
        try
        {
            // Only another session that changes the fence is waited for here, and that holds nobody up. Between rounds the transaction is idle on purpose.
            await connection.ExecuteAsync(
                $"SET LOCAL lock_timeout = {Milliseconds(options.Patience)}; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken);
            if (await prepare(cancellationToken) is { } work)
            {
                await RepeatAsync(work, started, cancellationToken);
            }
            else
            {
                await connection.ExecuteAsync("COMMIT", CancellationToken.None);
            }
        }
        catch when (connection.State == System.Data.ConnectionState.Open)
        {
            await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
            throw;
        }
    }

    private async Task RepeatAsync(Work work, long started, CancellationToken cancellationToken)
    {
        // Where we and a writer each hold what the other waits for, waiting longer helps nobody: short rounds come first.
        var longest = await LimitAsync(cancellationToken);
        var limit = longest / 4;
        Exception? last = null;
        for (var pause = FirstPause; ; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
        {
            if (!await LockHolders.AnyOlderAsync(connection, options.Schema, work.Tables, work.WithReaders, LongTransaction, cancellationToken))
            {
                try
                {
                    await connection.ExecuteAsync(Round(work.Sql, Milliseconds(limit)), cancellationToken);
                    return;
                }
                catch (PostgresException exception) when (IsBusy(exception) && !cancellationToken.IsCancellationRequested)
                {
                    last = exception;
                    limit = limit * 2 > longest ? longest : limit * 2;
                    await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT kum_round", CancellationToken.None);
                }
            }

            if (clock.GetElapsedTime(started) + pause > options.Patience)
            {
                throw await GaveUpAsync(work, last, cancellationToken);
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble() / 2), clock, cancellationToken);
        }
    }

    private static string Round(string work, long limit)
    {
        var tag = work.Contains("$kum$", StringComparison.Ordinal) ? $"$kum{Guid.NewGuid():N}$" : "$kum$";
        return $"""
            SAVEPOINT kum_round;
            SET LOCAL lock_timeout = {limit};
            SET LOCAL statement_timeout = {limit};
            SET LOCAL idle_in_transaction_session_timeout = {limit};
            DO {tag} BEGIN {work} END {tag};
            COMMIT
            """;
    }

    // A fifth is left for what a timer cannot end: the commit, and waking up those who wait. Beyond deadlock_timeout the server might take
    // a writer for one side of a deadlock with us and end its statement instead of ours.
    private async Task<TimeSpan> LimitAsync(CancellationToken cancellationToken)
    {
        var deadlock = TimeSpan.FromMilliseconds(await connection.ScalarAsync<int>(
            "SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'", cancellationToken));
        return 0.8 * (options.Freeze.LockTimeout < deadlock ? options.Freeze.LockTimeout : deadlock);
    }

    // A round's statement_timeout arrives as "query canceled".
    private static bool IsBusy(PostgresException exception) => exception.SqlState is
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.QueryCanceled;

    private static long Milliseconds(TimeSpan span) => Math.Max(1, (long)span.TotalMilliseconds);

    private async Task<StepFailedException> GaveUpAsync(Work work, Exception? last, CancellationToken cancellationToken)
    {
        var holders = await LockHolders.DescribeAsync(connection, options.Schema, work.Tables, work.WithReaders, cancellationToken);
        var writers = holders.Any(static h => h.Writes);
        var failure = new Failure
        {
            Code = writers ? FailureCodes.WritersNotDrained : FailureCodes.LockTimeout,
            Message = writers
                ? $"Transactions that write configuration did not end within {options.Patience}."
                : $"Locks on configuration tables were not granted within {options.Patience}.",
            Remedy = "End the sessions listed in the details, or raise spec.freeze.drainTimeout; then: kum retry.",
            IsTransient = true,
            Details = [.. holders.Select(static h => h.Line)],
        };
        return last is null ? new StepFailedException(failure) : new StepFailedException(failure, last);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Does locking work in short rounds, so that nobody's writes queue behind us while we queue behind a long transaction.</summary>
internal sealed class LockRounds(NpgsqlConnection connection, FenceOptions options, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Runs <paramref name="work"/> in a transaction with a lock time-out; rolls back and tries again until the patience is used up.</summary>
    /// <param name="work">Statements to run; the connection's transaction is open.</param>
    /// <param name="tables">The tables whose locks are wanted, to name who holds them.</param>
    /// <param name="cancellationToken">Gives up; the transaction is rolled back.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, string[] tables, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await connection.ExecuteAsync(FenceSql.LimitLocks(options.Freeze), cancellationToken);
                await work(cancellationToken);
                await transaction.CommitAsync(CancellationToken.None);
                return;
            }
            catch (PostgresException exception) when (IsBusy(exception) && !cancellationToken.IsCancellationRequested)
            {
                if (clock.GetElapsedTime(started) + pause > options.Patience)
                {
                    throw await GaveUpAsync(tables, exception, cancellationToken);
                }
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble() / 2), clock, cancellationToken);
        }
    }

    // A round's statement_timeout arrives as "query canceled".
    private static bool IsBusy(PostgresException exception) => exception.SqlState is
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.QueryCanceled;

    private async Task<StepFailedException> GaveUpAsync(string[] tables, PostgresException exception, CancellationToken cancellationToken)
    {
        var blockers = await FenceCatalog.BlockersAsync(connection, options.Schema, tables, cancellationToken);
        var writers = blockers.Any(static b => b.Writes);
        return new StepFailedException(
            new Failure
            {
                Code = writers ? FailureCodes.WritersNotDrained : FailureCodes.LockTimeout,
                Message = writers
                    ? $"Transactions that write configuration did not end within {options.Patience}."
                    : $"Locks on configuration tables were not granted within {options.Patience}.",
                Remedy = "End the sessions listed in the details, or raise spec.freeze.drainTimeout; then: kum retry.",
                IsTransient = true,
                Details = [.. blockers.Select(static b => b.Line)],
            },
            exception);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>One fence that is looked at again and again over one connection.</summary>
/// <remarks>A database that cannot be asked for a while says nothing of its fence: after <see cref="BlindLimit"/> that is a failure as well, for unknown is not "holds".</remarks>
internal sealed class GuardedFence(FrozenDatabase frozen, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan BlindLimit = TimeSpan.FromSeconds(30);

    // While one keeps trying, once a minute is enough to tell people.
    private static readonly TimeSpan NewsEvery = TimeSpan.FromMinutes(1);

    private NpgsqlConnection? _connection;
    private long? _blindSince;
    private long _reported;
    private long? _reportedAt;
    private FenceStatus? _last;

    public ClusterSide Side => frozen.Side;

    /// <summary>Looks once; false when the database could not be asked this time.</summary>
    /// <exception cref="StepFailedException">The fence does not hold, or it could not be looked at for too long.</exception>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LookLimit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            _connection ??= await frozen.Database.OpenAdminAsync(linked.Token);
            _last = await frozen.Fence.RequireAsync(_connection, linked.Token);
            _blindSince = null;
            return true;
        }
        catch (StepFailedException exception) when (exception.Failure.Code != FailureCodes.FenceNotHolding)
        {
            await BlindAsync(exception.Failure, exception);
            return false;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await BlindAsync(FreezeFailures.NoAnswer(frozen.Database.ToString(), LookLimit), exception);
            return false;
        }
    }

    /// <summary>Refused writes that people have not heard of; null when there are none, or they heard of others just now.</summary>
    public (long Total, IReadOnlyList<RefusedWriter> Writers)? TakeNews()
    {
        if (_last is not { } status || status.RefusedWrites <= _reported || (_reportedAt is { } at && clock.GetElapsedTime(at) < NewsEvery))
        {
            return null;
        }

        (_reported, _reportedAt) = (status.RefusedWrites, clock.GetTimestamp());
        return (status.RefusedWrites, RefusedWrite.ByWriter(status.LatestRefusals));
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task BlindAsync(Failure failure, Exception exception)
    {
        await DisposeAsync();
        _blindSince ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(_blindSince.Value) >= BlindLimit)
        {
            throw new StepFailedException(FreezeFailures.NotGuarded(Side, BlindLimit, failure), exception);
        }
    }
}

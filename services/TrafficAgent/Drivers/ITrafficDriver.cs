using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>Moves client traffic between cluster X and cluster Y of one load balancer.</summary>
/// <remarks>Every method may be repeated, is bounded in time, and fails with a <see cref="StepFailedException"/> whose code tells whether the balancer
/// was away (<see cref="FailureCodes.BalancerUnreachable"/>) or said no (<see cref="FailureCodes.BalancerRefused"/>).</remarks>
public interface ITrafficDriver
{
    /// <summary>What it can promise with its settings.</summary>
    DriverCapabilities Capabilities { get; }

    /// <summary>What it cannot do or costs, one sentence each, for the plan.</summary>
    IReadOnlyList<string> Limits { get; }

    /// <summary>Looks, without changing anything, whether the balancer is set up for this driver and for the spec's wishes.</summary>
    /// <returns>Every reason why not; empty when all is well.</returns>
    Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken);

    /// <summary>Asks the balancer what is in force.</summary>
    Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Puts the record in force, unless the balancer holds something newer or foreign; returns when the balancer itself reports it.</summary>
    /// <param name="record">What is to be in force.</param>
    /// <param name="overForeign">True puts our own split back over a foreign change; older epochs and steps are refused all the same.</param>
    /// <param name="cancellationToken">Cancels the try.</param>
    Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken);

    /// <summary>Compares what clients get with the record.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SplitNotInForce"/> when requests prove that it is not.</exception>
    Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken);

    /// <summary>Puts all traffic on X whatever is in force, readable or not; refused only when the balancer holds a later epoch of the same upgrade.</summary>
    /// <param name="record">Whose restore it is; its split is all on X.</param>
    /// <param name="cancellationToken">Cancels the try.</param>
    Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken);

    /// <summary>Makes ready what must be so some time before the first shift. All traffic is on X and stays there.</summary>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="patience">How long may be waited for the result.</param>
    /// <param name="cancellationToken">Cancels the try.</param>
    /// <returns>From when on a shift may be made; null for at once.</returns>
    Task<DateTimeOffset?> PrepareAsync(Guid upgradeId, int epoch, TimeSpan patience, CancellationToken cancellationToken) => Task.FromResult<DateTimeOffset?>(null);

    /// <summary>Undoes what <see cref="PrepareAsync"/> did; the split stays. Does nothing for an epoch that a later one has overtaken.</summary>
    /// <param name="upgradeId">The upgrade that has ended.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="cancellationToken">Cancels the try.</param>
    Task ReleaseAsync(Guid upgradeId, int epoch, CancellationToken cancellationToken) => Task.CompletedTask;
}

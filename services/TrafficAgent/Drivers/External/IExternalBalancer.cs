using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>Carries the contract of <c>set</c> and <c>get</c> to whoever knows the load balancer.</summary>
internal interface IExternalBalancer
{
    /// <summary>Who is asked, for messages.</summary>
    string Name { get; }

    /// <summary>Asks what is in force.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerUnreachable"/> or <see cref="FailureCodes.BalancerRefused"/>.</exception>
    Task<SplitReport> GetAsync(CancellationToken cancellationToken);

    /// <summary>Has the order put in force; may be repeated. Success says only that it was taken.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerUnreachable"/>, <see cref="FailureCodes.BalancerRefused"/>, or
    /// <see cref="FailureCodes.StepSuperseded"/> when the balancer holds something newer.</exception>
    Task SetAsync(SplitOrder order, CancellationToken cancellationToken);
}

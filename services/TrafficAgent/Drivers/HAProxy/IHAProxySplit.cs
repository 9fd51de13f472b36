using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Where HAProxy takes the split from, and how it gets there.</summary>
internal interface IHAProxySplit
{
    /// <summary>What it can promise.</summary>
    DriverCapabilities Capabilities { get; }

    /// <summary>What it cannot do or costs.</summary>
    IReadOnlyList<string> Limits { get; }

    /// <summary>Looks, without changing anything, whether HAProxy and this host are set up for it.</summary>
    Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>What is in force by HAProxy's own word.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerUnreachable"/> or <see cref="FailureCodes.BalancerRefused"/>.</exception>
    Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Puts the record in force under <see cref="RecordGuard.AdmitShift"/>; returns when HAProxy reports it and it outlives a restart of HAProxy.</summary>
    Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken);

    /// <summary>Puts "all on X" in force under <see cref="RecordGuard.AdmitRestore"/>, whatever there is.</summary>
    Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken);
}

using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>Somebody tried to write frozen configuration. Sent at the first try and then now and again while more come.</summary>
public sealed record WritesRefused : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The cluster that was written to.</summary>
    public required ClusterSide Side { get; init; }

    /// <summary>Writes refused there since its fence was put up.</summary>
    public required long Total { get; init; }

    /// <summary>Who tried, as far as it is known: of a burst only the latest tries are. The newest first.</summary>
    public required IReadOnlyList<RefusedWriter> Writers { get; init; }
}

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>How much of a node's metrics is read before it is given up; protects the reader from a broken or hostile node.</summary>
public sealed record ExpositionLimits
{
    /// <summary>The limits that fit Kong: a node with 5,000 routes exposes about 30 MiB.</summary>
    public static ExpositionLimits Default { get; } = new();

    /// <summary>Bytes of the whole text. Default 64 MiB.</summary>
    public long MaximumBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Lines of the whole text. Default 1,000,000.</summary>
    public int MaximumLines { get; init; } = 1_000_000;

    /// <summary>Bytes of one line. Default 64 KiB.</summary>
    public int MaximumLineBytes { get; init; } = 64 * 1024;
}

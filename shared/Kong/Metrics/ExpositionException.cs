namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>A node's metrics were received but cannot be trusted; nothing of them may be used.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="line">Number of the line, starting at 1.</param>
public sealed class ExpositionException(ExpositionFault fault, int line)
    : Exception($"metrics not usable: {fault} at line {line}")
{
    /// <summary>What is wrong.</summary>
    public ExpositionFault Fault { get; } = fault;

    /// <summary>Number of the line, starting at 1.</summary>
    public int Line { get; } = line;
}

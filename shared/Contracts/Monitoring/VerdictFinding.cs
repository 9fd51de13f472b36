namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>One piece of evidence.</summary>
public sealed record VerdictFinding
{
    /// <summary>What was measured, for example <c>error-rate</c>.</summary>
    public required string Indicator { get; init; }

    /// <summary>What this indicator says alone.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>In one sentence, with numbers.</summary>
    public required string Message { get; init; }

    /// <summary>Measured on X; null when not measured.</summary>
    public double? ValueX { get; init; }

    /// <summary>Measured on Y; null when not measured.</summary>
    public double? ValueY { get; init; }
}

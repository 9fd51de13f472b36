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

    /// <summary>The route it is about, as Kong's metrics name it; null when it is about all of them.</summary>
    public string? Route { get; init; }

    /// <summary>The lowest difference (Y less X, in the unit of the values) that the evidence leaves possible; null when no band was computed.</summary>
    public double? Low { get; init; }

    /// <summary>The highest difference (Y less X, in the unit of the values) that the evidence leaves possible; null when no band was computed.</summary>
    public double? High { get; init; }

    /// <summary>Requests on X that it rests on; null when it does not rest on requests.</summary>
    public long? SamplesX { get; init; }

    /// <summary>Requests on Y that it rests on; null when it does not rest on requests.</summary>
    public long? SamplesY { get; init; }

    /// <summary>For how long it had been so when the verdict was given; null unless failed.</summary>
    public TimeSpan? BadFor { get; init; }

    /// <summary>The override because of which it does not count; null when it counts.</summary>
    public VerdictOverride? Override { get; init; }
}

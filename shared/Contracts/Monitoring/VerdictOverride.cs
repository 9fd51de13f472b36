namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>A person's word that one finding does not fail the upgrade. The finding is still measured and shown; everything else is judged on.</summary>
public sealed record VerdictOverride
{
    /// <summary>The finding.</summary>
    public required FindingRef Finding { get; init; }

    /// <summary>Why; at least <see cref="ShortestReason"/> characters.</summary>
    public required string Reason { get; init; }

    /// <summary>Who said so.</summary>
    public required string Actor { get; init; }

    /// <summary>When, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The least number of characters of a reason.</summary>
    public const int ShortestReason = 10;
}

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>Why an upgrade is where it is, and what can be done.</summary>
public sealed record Explanation
{
    /// <summary>The upgrade.</summary>
    public required UpgradeView Upgrade { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What is waited for, and until when.</summary>
    public required IReadOnlyList<string> WaitingFor { get; init; }

    /// <summary>Commands that make sense now, ready to paste.</summary>
    public required IReadOnlyList<string> Commands { get; init; }
}

namespace KongUpgradeMesh.Contracts;

/// <summary>Digest of the rows of one configuration table.</summary>
public sealed record TableFingerprint
{
    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Number of rows counted.</summary>
    public required long Rows { get; init; }

    /// <summary>128-bit order-independent digest of the canonical rows, 32 hexadecimal digits.</summary>
    public required string Digest { get; init; }
}

namespace KongUpgradeMesh.Contracts;

/// <summary>Digest of all configuration of one Kong database, independent of physical row order and of session settings.</summary>
public sealed record ConfigurationFingerprint
{
    /// <summary>Digest over all tables in name order, 32 hexadecimal digits.</summary>
    public required string Root { get; init; }

    /// <summary>One entry per configuration table, ordered by name.</summary>
    public required IReadOnlyList<TableFingerprint> Tables { get; init; }
}

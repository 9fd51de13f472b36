namespace KongUpgradeMesh.Kong.Versions;

/// <summary>The PostgreSQL major versions on which a Kong version is tested.</summary>
/// <param name="Lowest">The oldest tested major version.</param>
/// <param name="Highest">The newest tested major version.</param>
public sealed record PostgresSupport(int Lowest, int Highest)
{
    /// <summary>What is tested for <paramref name="version"/>.</summary>
    public static PostgresSupport Of(KongVersion version) => version switch
    {
        _ when version < new KongVersion(3, 4) => new(10, 15),
        _ when version < new KongVersion(3, 9) => new(12, 16),
        _ => new(13, 17),
    };
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.DeployAgent.Databases;

/// <summary>The databases of both clusters and the guard between them.</summary>
internal sealed class ClusterDatabases(UpgradeSpec spec)
{
    public KongDatabase X { get; } = new(spec.From.Database, SecretReference.Resolve);

    public KongDatabase Y { get; } = new(spec.To.Database, SecretReference.Resolve);

    /// <summary>Proves by physical identity that both clusters have databases of their own. Called before every action on cluster Y's database; without an answer from both there is no action.</summary>
    /// <returns>Identity of cluster Y's database.</returns>
    /// <exception cref="StepFailedException">They are the same, or one cannot be asked.</exception>
    public async Task<DatabaseIdentity> EnsureDistinctAsync(CancellationToken cancellationToken)
    {
        var y = await IdentityAsync(Y, cancellationToken);
        DatabaseIdentity.EnsureDistinct(await IdentityAsync(X, cancellationToken), y);
        return y;
    }

    public static async Task<DatabaseIdentity> IdentityAsync(KongDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await DatabaseIdentity.ReadAsync(connection, cancellationToken);
    }
}

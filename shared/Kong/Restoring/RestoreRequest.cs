using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Kong.Restoring;

/// <summary>Where a backup is to be restored to.</summary>
/// <param name="Target">The database that is to appear. Its admin role needs CREATEDB and will own what is restored.</param>
/// <param name="Jobs">Parallel jobs of <c>pg_restore</c>, 1 to 32.</param>
/// <param name="Timeout">How long <c>pg_restore</c> may run.</param>
public sealed record RestoreRequest(KongDatabase Target, int Jobs, TimeSpan Timeout);

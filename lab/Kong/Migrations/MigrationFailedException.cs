namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>The database refused a step of a migration; everything that the step did is undone.</summary>
internal sealed class MigrationFailedException(Migration migration, string stage, Exception inner)
    : Exception($"failed to run migration '{migration.Name}' {stage}: {inner.Message}", inner);

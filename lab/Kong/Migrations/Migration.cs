namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>One migration of one subsystem (<c>core</c> or a plugin).</summary>
/// <param name="Subsystem">Name as in <c>schema_meta.subsystem</c>.</param>
/// <param name="Name">Name as in <c>schema_meta.executed</c>.</param>
/// <param name="HasTeardown">Whether <c>up</c> leaves it pending until <c>finish</c>.</param>
internal sealed record Migration(string Subsystem, string Name, bool HasTeardown = false);

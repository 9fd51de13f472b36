using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>What is known of a dump that was just taken; all of it from the dump's own snapshot.</summary>
public sealed record DumpFacts(
    DateTimeOffset TakenAt,
    int ServerMajor,
    string ServerVersion,
    string DumpProgram,
    string DatabaseIdentity,
    ConfigurationFingerprint Fingerprint,
    ConfigurationFingerprint CompleteFingerprint,
    IReadOnlyList<MigrationState> Migrations,
    IReadOnlyList<string> TablesWithoutRows);

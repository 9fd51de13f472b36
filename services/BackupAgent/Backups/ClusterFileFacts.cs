using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>What is known of the files beside the dump.</summary>
public sealed record ClusterFileFacts(IReadOnlyList<PluginSource> Plugins, IReadOnlyList<LicenseReference> Licenses, IReadOnlyList<string> Notes);

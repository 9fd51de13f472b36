namespace KongUpgradeMesh.Kong.Backups;

/// <summary>The source of one custom plugin in a backup; the digests of its files are among the backup's files.</summary>
/// <param name="Name">Name of the plugin.</param>
/// <param name="Directory">Where it was found on the backup agent's host.</param>
/// <param name="Files">How many files were copied.</param>
public sealed record PluginSource(string Name, string Directory, int Files);

using System.Text.Json;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Copies what makes up cluster X beside its database: kong.conf as it is, each node's variables without secrets, nginx templates and the sources of custom plugins.</summary>
public sealed partial class ClusterFiles
{
    private const string Redacted = "(redacted)";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Writes the copies into <paramref name="directory"/>.</summary>
    /// <returns>What a manifest says of them. What cannot be read becomes a note; only kong.conf must be there when the spec names it.</returns>
    public async Task<ClusterFileFacts> WriteAsync(ClusterSpec cluster, string directory, CancellationToken cancellationToken)
    {
        if (cluster.Deployment.Conf is { } conf)
        {
            await CopyConfAsync(conf, Path.Combine(directory, BackupLayout.Conf), cancellationToken);
        }

        var nodes = cluster.Nodes.ToDictionary(static n => n.Name, n => EnvironmentOf(cluster.Deployment, n), StringComparer.Ordinal);
        await File.WriteAllBytesAsync(Path.Combine(directory, BackupLayout.Environment), JsonSerializer.SerializeToUtf8Bytes(nodes, Json), cancellationToken);
        var settings = new List<NodeSettings>();
        foreach (var node in cluster.Nodes)
        {
            settings.Add(await NodeSettings.ReadAsync(cluster.Deployment, node, cancellationToken));
        }

        var notes = new List<string>();
        await NginxFiles.CopyAsync(cluster.Deployment, settings, Path.Combine(directory, BackupLayout.Nginx), notes, cancellationToken);
        var plugins = await PluginSources.CopyAsync(settings, Path.Combine(directory, BackupLayout.Plugins), notes, cancellationToken);
        var licenses = await LicenseReferences.ReadAsync(cluster, settings, notes, cancellationToken);
        if (settings.Any(static s => s.Configuration.IsOn("keyring_enabled")))
        {
            notes.Add("Keyring: encrypted fields of the dump cannot be read without its keys, which no backup holds. Save the recovery private key, or POST /keyring/export, by hand; with the vault strategy, the Vault path.");
        }

        return new ClusterFileFacts(plugins, licenses, notes);
    }

    private static async Task CopyConfAsync(string from, string to, CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(from, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw BackupFailures.ConfMissing(from, exception);
        }

        await File.WriteAllBytesAsync(to, content, cancellationToken);
    }

    private static SortedDictionary<string, string> EnvironmentOf(DeploymentSpec deployment, NodeSpec node)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in deployment.Environment.Concat(node.Environment))
        {
            variables[name] = SecretReference.IsReference(value) || !LooksSecret(name, value) ? value : Redacted;
        }

        return variables;
    }

    private static bool LooksSecret(string name, string value) => SecretName().IsMatch(name) || Credentials().IsMatch(value);

    [GeneratedRegex("PASS|SECRET|TOKEN|CREDENTIAL|PRIVATE|LICENSE|AUTH|_KEY|SESSION_CONF", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex("://[^/@]*:[^/@]*@|-----BEGIN", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Credentials();
}

using System.Text.Json;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Copies what makes up cluster X beside its database: kong.conf as it is, and each node's variables without secrets.</summary>
public sealed partial class ClusterFiles
{
    private const string Redacted = "(redacted)";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Writes the copies into <paramref name="directory"/>.</summary>
    public async Task WriteAsync(ClusterSpec cluster, string directory, CancellationToken cancellationToken)
    {
        if (cluster.Deployment.Conf is { } conf)
        {
            await CopyConfAsync(conf, Path.Combine(directory, BackupLayout.Conf), cancellationToken);
        }

        var nodes = cluster.Nodes.ToDictionary(static n => n.Name, n => EnvironmentOf(cluster.Deployment, n), StringComparer.Ordinal);
        await File.WriteAllBytesAsync(Path.Combine(directory, BackupLayout.Environment), JsonSerializer.SerializeToUtf8Bytes(nodes, Json), cancellationToken);
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

using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Copies the custom nginx template and the files that injected directives include; the directives themselves are in kong.conf and the environment.</summary>
internal static partial class NginxFiles
{
    private const int LargestFile = 1024 * 1024;

    public static async Task CopyAsync(DeploymentSpec deployment, IEnumerable<NodeSettings> nodes, string directory, List<string> notes, CancellationToken cancellationToken)
    {
        var included = nodes
            .SelectMany(static n => n.Configuration.Keys.Where(static k => IncludeSetting().IsMatch(k)).Select(k => n.Configuration[k]!))
            .SelectMany(static v => v.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var number = 0;
        foreach (var path in included.Prepend(deployment.NginxTemplate).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await ReadAsync(path, cancellationToken) is not { } content)
            {
                notes.Add($"nginx: {path} is used by cluster X and could not be read; save it by hand.");
                continue;
            }

            PrivateFiles.CreateDirectory(directory);
            await using var copy = PrivateFiles.Create(Path.Combine(directory, $"{number++}-{Path.GetFileName(path)}"));
            await copy.WriteAsync(content, cancellationToken);
        }
    }

    private static async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path).Length <= LargestFile ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("^nginx_[a-z]+_include$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IncludeSetting();
}

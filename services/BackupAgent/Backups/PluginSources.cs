using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Configuration;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Copies the sources of custom plugins: <c>kong/plugins/NAME</c> below the roots of <c>lua_package_path</c>.</summary>
internal static class PluginSources
{
    private const string DefaultRoot = "/usr/local/share/lua/5.1/";
    private const int MostFiles = 2_000;
    private const long MostBytes = 64L * 1024 * 1024;

    // Neither links, which may lead anywhere, nor deeper than any plugin is.
    private static readonly EnumerationOptions Walk = new() { RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = FileAttributes.ReparsePoint };

    public static async Task<IReadOnlyList<PluginSource>> CopyAsync(IReadOnlyList<NodeSettings> nodes, string directory, List<string> notes, CancellationToken cancellationToken)
    {
        var copied = new List<PluginSource>();
        foreach (var name in NamesIn(nodes))
        {
            if (RootsOf(nodes).Select(r => Path.Combine(r, "kong", "plugins", name)).FirstOrDefault(Directory.Exists) is not { } source)
            {
                if (!ShippedPlugins.Contains(name))
                {
                    notes.Add($"Plugin {name}: no source was found under lua_package_path on this host; save it by hand.");
                }

                continue;
            }

            if (await CopyAsync(name, source, Path.Combine(directory, name), notes, cancellationToken) is { } plugin)
            {
                copied.Add(plugin);
            }
        }

        return copied;
    }

    private static IEnumerable<string> NamesIn(IEnumerable<NodeSettings> nodes) => nodes
        .SelectMany(static n => (n.Configuration["plugins"] ?? "bundled").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .Where(static n => n is not ("bundled" or "off") && n.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    // A bundled plugin is copied only where a path of the operator's own holds another one of that name.
    private static IEnumerable<string> RootsOf(IEnumerable<NodeSettings> nodes) => nodes
        .SelectMany(static n => (n.Configuration["lua_package_path"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .Where(static p => p.Contains('?', StringComparison.Ordinal) && Path.IsPathFullyQualified(p))
        .Select(static p => p[..p.IndexOf('?', StringComparison.Ordinal)])
        .Append(DefaultRoot)
        .Distinct(StringComparer.Ordinal);

    private static async Task<PluginSource?> CopyAsync(string name, string source, string target, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            var files = Directory.EnumerateFiles(source, "*", Walk).Order(StringComparer.Ordinal).ToArray();
            if (files.Length > MostFiles || files.Sum(static f => new FileInfo(f).Length) > MostBytes)
            {
                notes.Add($"Plugin {name}: {source} is too large to be a plugin's source and was not copied; save it by hand.");
                return null;
            }

            foreach (var file in files)
            {
                var content = await File.ReadAllBytesAsync(file, cancellationToken);
                var to = Path.Combine(target, Path.GetRelativePath(source, file));
                PrivateFiles.CreateDirectory(Path.GetDirectoryName(to)!);
                await using var copy = PrivateFiles.Create(to);
                await copy.WriteAsync(content, cancellationToken);
            }

            return new PluginSource(name, source, files.Length);
        }
        catch (UnauthorizedAccessException)
        {
            notes.Add($"Plugin {name}: {source} may not be read by the backup agent; save it by hand.");
            return null;
        }
    }
}

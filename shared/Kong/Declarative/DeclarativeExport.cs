using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Writes the configuration as the Admin API shows it in the YAML of decK, ids kept. It holds secrets: files have mode 0600. Memory stays flat; what is largest is one entity with its children.</summary>
public static class DeclarativeExport
{
    private const string OnlyWorkspace = "default";

    /// <summary>Writes one file for each workspace.</summary>
    /// <param name="api">Admin API of one node; only read.</param>
    /// <param name="version">Version of the node.</param>
    /// <param name="hasWorkspaces">Whether the edition has workspaces; otherwise there is one file, <c>default.yaml</c>.</param>
    /// <param name="directory">A directory that does not exist yet; removed again when the copy cannot be made.</param>
    /// <param name="cancellationToken">Gives up. Each request is bounded by the client.</param>
    /// <exception cref="DeclarativeExportException">The node's answers do not make a whole copy.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<DeclarativeCopy> WriteAsync(IKongAdminApi api, KongVersion version, bool hasWorkspaces, string directory, CancellationToken cancellationToken)
    {
        try
        {
            PrivateFiles.CreateDirectory(directory);
            var format = version.Major >= 3 ? "3.0" : "1.1";
            var tally = new ExportTally();
            IReadOnlyList<string> workspaces = hasWorkspaces ? await WorkspacesAsync(api, cancellationToken) : [OnlyWorkspace];
            foreach (var workspace in workspaces)
            {
                await WriteAsync(api, format, workspace, hasWorkspaces, tally, directory, cancellationToken);
            }

            return new DeclarativeCopy { FormatVersion = format, Workspaces = workspaces, Entities = tally.Counts, UnknownKinds = [.. tally.UnknownKinds], RefusedKinds = [.. tally.RefusedKinds] };
        }
        catch
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            throw;
        }
    }

    /// <summary>Name of a workspace's file.</summary>
    /// <param name="workspace">Name of the workspace.</param>
    public static string FileOf(string workspace) => Uri.EscapeDataString(workspace) + ".yaml";

    private static async Task<IReadOnlyList<string>> WorkspacesAsync(IKongAdminApi api, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var workspace in new EntityPages(api, "", new ExportTally()).ListAsync("workspaces", "workspaces", cancellationToken))
        {
            names.Add(workspace.GetProperty("name").GetString()!);
        }

        return names.Count > 0 ? names : throw new DeclarativeExportException("the Admin API listed no workspace");
    }

    private static async Task WriteAsync(
        IKongAdminApi api, string format, string workspace, bool hasWorkspaces, ExportTally tally, string directory, CancellationToken cancellationToken)
    {
        await using var file = PrivateFiles.Create(Path.Combine(directory, FileOf(workspace)));
        await using (var text = new StreamWriter(file, leaveOpen: true))
        {
            var yaml = new YamlStreamWriter(text);
            yaml.Key("_format_version");
            yaml.Text(format);
            if (hasWorkspaces)
            {
                yaml.Key("_workspace");
                yaml.Text(workspace);
            }

            await using var export = new WorkspaceExport(new EntityPages(api, hasWorkspaces ? workspace + "/" : "", tally), directory);
            await export.WriteAsync(yaml, cancellationToken);
            yaml.End();
        }

        file.Flush(flushToDisk: true);
    }
}

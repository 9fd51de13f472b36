using System.Text.Json;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Note in a node's prefix that says which upgrade made it: a prefix without it is never started, reused or stopped as cluster Y's.</summary>
internal sealed record NodeMark(string Cluster, string Version, Guid UpgradeId)
{
    private const string FileName = "kum-node.json";

    public static NodeMark Of(StepRef step, string version) => new(step.Cluster, version, step.UpgradeId);

    public static NodeMark? Read(string prefix)
    {
        var path = Path.Combine(prefix, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<NodeMark>(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException)
        {
            return null; // Half written before a crash: as good as none.
        }
    }

    public void Write(string prefix)
    {
        Directory.CreateDirectory(prefix);
        File.WriteAllBytes(Path.Combine(prefix, FileName), JsonSerializer.SerializeToUtf8Bytes(this));
    }

    /// <summary>Whether the prefix is unused: absent, empty, or left by a start that got no further than the mark.</summary>
    public static bool IsUnused(string prefix) =>
        !Directory.Exists(prefix) || Directory.EnumerateFileSystemEntries(prefix).All(static e => Path.GetFileName(e) == FileName);
}

using System.Diagnostics;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>The process behind a prefix, by the pid file that Kong keeps there.</summary>
internal static class NodeProcess
{
    /// <summary>Id of the running process; null when there is no pid file or no process of that id.</summary>
    public static int? Find(string prefix)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(prefix, "pids", "nginx.pid")).Trim();
            return int.TryParse(text, out var id) && IsAlive(id) && Serves(id, prefix) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !IsZombie(id);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // After a reboot the id in an old file may belong to any program, and a signal would hit that one. Kong's master names its prefix.
    private static bool Serves(int id, string prefix) =>
        File.ReadAllText($"/proc/{id}/cmdline").Contains(Path.TrimEndingDirectorySeparator(Path.GetFullPath(prefix)), StringComparison.Ordinal);

    // In a container nobody may collect the dead: they keep their id, but serve nothing.
    private static bool IsZombie(int id)
    {
        try
        {
            var state = File.ReadAllText($"/proc/{id}/stat");
            return state[(state.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (IOException)
        {
            return false;
        }
    }
}

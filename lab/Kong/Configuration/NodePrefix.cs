using System.Diagnostics;

namespace KongUpgradeMesh.Lab.StandInKong.Configuration;

/// <summary>The directory of one node: its pid, its effective configuration, its logs.</summary>
internal sealed record NodePrefix(string Path)
{
    public string PidFile => System.IO.Path.Combine(Path, "pids", "nginx.pid");

    public string EnvironmentFile => System.IO.Path.Combine(Path, ".kong_env");

    public string LogDirectory => System.IO.Path.Combine(Path, "logs");

    public string FaultFile => System.IO.Path.Combine(Path, "faults.json");

    public string AppliedFaultFile => System.IO.Path.Combine(Path, "faults.applied");

    /// <summary>Says so on standard output when the directory has to be made, as Kong does.</summary>
    public void Create()
    {
        if (!Directory.Exists(Path))
        {
            Console.WriteLine($"prefix directory {Path} not found, trying to create it");
        }

        Directory.CreateDirectory(System.IO.Path.Combine(Path, "pids"));
        Directory.CreateDirectory(LogDirectory);
    }

    /// <summary>Process id of the running node, or null. A pid file whose process has gone, or is another program by now, is not a running node.</summary>
    public int? RunningProcess()
    {
        try
        {
            if (!int.TryParse(File.ReadAllText(PidFile).Trim(), out var id))
            {
                return null;
            }

            var command = File.ReadAllText($"/proc/{id}/cmdline");
            return command.Contains("serve", StringComparison.Ordinal) && command.Contains(Path, StringComparison.Ordinal) && !IsZombie(id) ? id : null;
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
        catch (IOException)
        {
            return false;
        }
    }

    // In a container without an init nobody collects an ended child, and its entry in /proc stays.
    private static bool IsZombie(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');
    }
}

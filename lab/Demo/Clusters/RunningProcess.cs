using System.Diagnostics;
using System.Globalization;

namespace KongUpgradeMesh.Lab.Demo.Clusters;

/// <summary>A process of this host that somebody else may have started.</summary>
internal static class RunningProcess
{
    /// <summary>Whether it runs. A zombie has ended too: in a container nobody may be there to reap it.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[(status.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether it runs and its command line or environment names <paramref name="path"/>: ids are given out again, so an id alone proves nothing.</summary>
    public static bool Belongs(int id, string path)
    {
        try
        {
            return IsAlive(id) && File.ReadAllText($"/proc/{id}/cmdline").Contains(path, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The process id in a file; null when there is no such file.</summary>
    public static int? ReadId(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Asks it to end.</summary>
    public static async Task TerminateAsync(int id, CancellationToken cancellationToken)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-TERM", id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true });
        await (kill?.WaitForExitAsync(cancellationToken) ?? Task.CompletedTask);
    }

    /// <summary>Ends it and what it started, at once.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // It ended in the meantime.
        }
    }

    /// <summary>Waits until it has ended; false when it has not in time.</summary>
    public static async Task<bool> EndsAsync(int id, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (IsAlive(id))
        {
            if (clock.GetElapsedTime(started) > limit)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
        }

        return true;
    }
}

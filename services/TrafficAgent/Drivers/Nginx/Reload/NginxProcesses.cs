using System.Globalization;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>nginx's processes on this host.</summary>
internal static class NginxProcesses
{
    // Titles are set by nginx itself and are its only word about old workers.
    private const string Leaving = "shutting down";

    /// <summary>Whether workers of an older generation still finish their connections; false also where it cannot be seen.</summary>
    /// <param name="pidFile">Where the master leaves its id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> AnyLeavingAsync(string pidFile, CancellationToken cancellationToken)
    {
        try
        {
            var master = int.Parse(await File.ReadAllTextAsync(pidFile, cancellationToken), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            var children = await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children", cancellationToken);
            foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if ((await TitleAsync(child, cancellationToken)).Contains(Leaving, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return false; // What workers answer is the proof; this only says how long old connections last.
        }

        return false;
    }

    private static async Task<string> TitleAsync(string process, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync($"/proc/{process}/cmdline", cancellationToken);
        }
        catch (IOException)
        {
            return ""; // It has just ended.
        }
    }
}

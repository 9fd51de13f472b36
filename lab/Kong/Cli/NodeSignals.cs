using System.Runtime.InteropServices;
using KongUpgradeMesh.Lab.StandInKong.Configuration;

namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary><c>kong stop|quit|reload|health</c>: what is done to a running node by signals.</summary>
internal static class NodeSignals
{
    private const int Hangup = 1;
    private const int Quit = 3;
    private const int Terminate = 15;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    public static async Task<int> StopAsync(NodePrefix prefix, Flavour flavour, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = RunningOrFail(prefix);
        Send(id, Terminate);

        // 3.x answers before the process has gone, and an immediate start then fails; callers have to cope with that.
        if (!flavour.IsThree)
        {
            await GoneAsync(id, StopLimit, time, cancellationToken);
        }

        Console.WriteLine("Kong stopped");
        return 0;
    }

    public static async Task<int> QuitAsync(NodePrefix prefix, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = RunningOrFail(prefix);
        Send(id, Quit);
        if (await GoneAsync(id, timeout, time, cancellationToken))
        {
            Console.WriteLine("Kong stopped (gracefully)");
            return 0;
        }

        Send(id, Terminate);
        await GoneAsync(id, StopLimit, time, cancellationToken);
        Console.WriteLine("Timeout, Kong stopped forcefully");
        return 0;
    }

    public static int Reload(NodePrefix prefix, string? file)
    {
        var id = prefix.RunningProcess() ?? throw new CommandFailedException($"nginx not running in prefix: {prefix.Path}");
        if (file is not null)
        {
            var values = new Dictionary<string, string>(KongConfiguration.Load(file, prefix.Path).Values);
            ConfigurationFile.WritePrivate(prefix.EnvironmentFile, values);
        }

        Send(id, Hangup);
        Console.WriteLine("Kong reloaded");
        return 0;
    }

    public static int Health(NodePrefix prefix)
    {
        if (prefix.RunningProcess() is null)
        {
            Console.WriteLine("nginx.......not running\n");
            throw new CommandFailedException($"Kong is not running at {prefix.Path}");
        }

        Console.WriteLine($"nginx.......running\n\nKong is healthy at {prefix.Path}");
        return 0;
    }

    private static int RunningOrFail(NodePrefix prefix) =>
        prefix.RunningProcess() ?? throw new CommandFailedException($"Kong is not running in {prefix.Path}");

    private static async Task<bool> GoneAsync(int id, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (NodePrefix.IsAlive(id))
        {
            if (time.GetElapsedTime(start) > timeout)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(15), time, cancellationToken);
        }

        return true;
    }

    // A process that has gone in the meantime is what was wanted, so the result does not matter.
    private static void Send(int id, int signal) => _ = Kill(id, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int id, int signal);
}

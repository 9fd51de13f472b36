using System.Diagnostics;
using System.Globalization;
using KongUpgradeMesh.Lab.Demo.Clusters;

namespace KongUpgradeMesh.Lab.Demo.Standing;

/// <summary>A <see cref="StandingLab"/> in a process of its own that outlives the one which started it.</summary>
public static class DetachedLab
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    /// <summary>Starts the lab and returns when all its clusters stand.</summary>
    public static async Task<LabState> StartAsync(StandingLabOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await LabState.ReadAsync(options.Directory, cancellationToken) is { } standing && RunningProcess.Belongs(standing.ProcessId, options.Directory))
        {
            throw new LabException($"A lab stands in {options.Directory} already; take it down first: lab down --dir {options.Directory}");
        }

        Directory.CreateDirectory(options.Directory);
        File.Delete(LabState.PathIn(options.Directory));
        var log = Path.Combine(options.Directory, "lab.log");
        var id = Spawn(options, log);
        var began = clock.GetTimestamp();
        while (true)
        {
            if (await LabState.ReadAsync(options.Directory, cancellationToken) is { } state)
            {
                return state;
            }

            if (!RunningProcess.IsAlive(id) || clock.GetElapsedTime(began) > StartLimit)
            {
                RunningProcess.Kill(id);
                throw new LabException($"The lab did not come up; the end of {log}:\n{string.Join('\n', File.ReadLines(log).TakeLast(10))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
    }

    /// <summary>Stops the lab of a directory, also when its own process was killed and left its servers behind; returns a sentence.</summary>
    public static async Task<string> StopAsync(string directory, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await LabState.ReadAsync(directory, cancellationToken) is not { } state)
        {
            return $"No lab stands in {directory}.";
        }

        if (RunningProcess.Belongs(state.ProcessId, directory))
        {
            await RunningProcess.TerminateAsync(state.ProcessId, cancellationToken);
            await RunningProcess.EndsAsync(state.ProcessId, StopLimit, clock, cancellationToken);
        }

        foreach (var id in ProcessesOf(state).Where(id => RunningProcess.Belongs(id, directory)))
        {
            RunningProcess.Kill(id);
        }

        File.Delete(LabState.PathIn(directory));
        return $"The lab in {directory} is down.";
    }

    private static IEnumerable<int> ProcessesOf(LabState state) =>
    [
        state.ProcessId,
        .. state.Clusters.Select(static c => c.BalancerProcessId),
        .. state.Clusters.SelectMany(static c => new[] { c.NodeX, c.NodeY }).Select(static n => RunningProcess.ReadId(Path.Combine(n.Prefix, "pids", "nginx.pid"))).OfType<int>(),
        state.PostgresProcessId,
    ];

    // setsid takes the lab out of the caller's terminal and process group; the shell ends at once and hands over its id.
    private static int Spawn(StandingLabOptions options, string log)
    {
        var invariant = CultureInfo.InvariantCulture;
        var program = Environment.ProcessPath ?? throw new LabException("The path of this program is unknown.");
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, typeof(DetachedLab).Assembly.Location] : [program];
        string[] command =
        [
            .. self, "lab", "run",
            "--dir", options.Directory, "--datacenter", options.Datacenter, "--clusters", options.Clusters.ToString(invariant),
            "--rate", options.RequestsPerSecond.ToString(invariant), "--kong-x", options.KongX, "--kong-y", options.KongY,
        ];
        var info = new ProcessStartInfo("/bin/sh", ["-c", "setsid \"$@\" </dev/null >\"$0\" 2>&1 & echo $!", log, .. command]) { RedirectStandardOutput = true };
        using var shell = Process.Start(info) ?? throw new LabException("/bin/sh could not be started.");
        return int.Parse(shell.StandardOutput.ReadLine() ?? "0", invariant);
    }
}

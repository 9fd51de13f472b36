using System.Globalization;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.Lab.Demo.Clusters;

/// <summary>One Kong node of the lab, driven through its executable as an operator would.</summary>
public sealed class KongNode(ClusterSpec cluster, NodeSpec node, IProgramRunner programs, TimeProvider clock)
{
    private static readonly TimeSpan ProgramTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What the spec says of it.</summary>
    public NodeSpec Spec => node;

    /// <summary>Kong's prefix directory.</summary>
    public string Prefix => node.Prefix;

    /// <summary>Process id of the master process; null when it does not run.</summary>
    public int? ProcessId => RunningProcess.ReadId(Path.Combine(node.Prefix, "pids", "nginx.pid")) is { } id && RunningProcess.IsAlive(id) ? id : null;

    /// <summary>Creates Kong's tables in the (empty) database.</summary>
    public Task BootstrapAsync(CancellationToken cancellationToken) => RunAsync(["migrations", "bootstrap", .. Conf()], cancellationToken);

    /// <summary>Starts the node and waits until its Admin API answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(node.Prefix);
        await RunAsync(["start", .. Conf(), "-p", node.Prefix], cancellationToken);
        await WaitUntilReadyAsync(cancellationToken);
    }

    /// <summary>Stops the node if it runs; by its process id where the executable does not manage to.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not { } id)
        {
            return;
        }

        await RunUncheckedAsync(["stop", "-p", node.Prefix], cancellationToken);
        if (!await RunningProcess.EndsAsync(id, StopTimeout, clock, cancellationToken))
        {
            RunningProcess.Kill(id);
        }
    }

    /// <summary>Variables that the node is started with, the connection to its database included.</summary>
    public IReadOnlyDictionary<string, string?> EnvironmentVariables()
    {
        var database = cluster.Database;
        var all = new Dictionary<string, string?>
        {
            ["KONG_DATABASE"] = "postgres",
            ["KONG_PG_HOST"] = database.Host,
            ["KONG_PG_PORT"] = database.Port.ToString(CultureInfo.InvariantCulture),
            ["KONG_PG_DATABASE"] = database.Name,
            ["KONG_PG_USER"] = database.User,
        };
        foreach (var (name, value) in cluster.Deployment.Environment.Concat(node.Environment))
        {
            all[name] = value;
        }

        return all;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var started = clock.GetTimestamp();
        while (!await AnswersAsync(http, cancellationToken))
        {
            if (clock.GetElapsedTime(started) > cluster.Deployment.ReadyTimeout)
            {
                throw new LabException($"The node {node.Name} did not become ready within {cluster.Deployment.ReadyTimeout}; see {Path.Combine(node.Prefix, "logs", "error.log")}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(node.Admin, "status"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private string[] Conf() => cluster.Deployment.Conf is { } conf ? ["-c", conf] : [];

    private async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var result = await RunUncheckedAsync(arguments, cancellationToken);
        if (!result.Succeeded)
        {
            throw new LabException($"{cluster.Deployment.Executable} {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error.Trim()} {result.Output.Trim()}");
        }
    }

    private Task<ProgramResult> RunUncheckedAsync(string[] arguments, CancellationToken cancellationToken) =>
        programs.RunAsync(
            new ProgramCall
            {
                File = cluster.Deployment.Executable,
                Arguments = arguments,
                Environment = EnvironmentVariables(),
                WorkingDirectory = Path.GetDirectoryName(node.Prefix),
                Timeout = ProgramTimeout,
            },
            cancellationToken);
}

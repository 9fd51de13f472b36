using System.Net.Sockets;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Executables;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Runs nodes as processes of this host, by Kong's own executable.</summary>
internal sealed class ProcessDriver(IProgramRunner programs, NodeProbe probe, IOptions<DeployOptions> options, TimeProvider clock) : IDeploymentDriver
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeastCallTime = TimeSpan.FromSeconds(60);

    public string Name => "process";

    public Task<bool> IsRunningAsync(ClusterSpec cluster, NodeSpec node, CancellationToken cancellationToken) =>
        Task.FromResult(NodeProcess.Find(node.Prefix) is not null);

    public async Task StartAsync(ClusterSpec cluster, NodeSpec node, StepRef step, CancellationToken cancellationToken)
    {
        EnsureOwnPrefix(cluster, node, step);
        if (NodeProcess.Find(node.Prefix) is not null)
        {
            if (await BecomesReadyAsync(cluster, node, cancellationToken) is null)
            {
                return;
            }

            await StopAsync(cluster, node, cancellationToken);
        }

        await EnsureFreeAsync(node, cancellationToken);
        NodeMark.Of(step, cluster.Version).Write(node.Prefix);
        var executable = new KongExecutable(programs, cluster.Deployment);
        var environment = await NodeEnvironment.ComposeAsync(cluster, node, node.Prefix, cancellationToken);
        var timeout = cluster.Deployment.ReadyTimeout > LeastCallTime ? cluster.Deployment.ReadyTimeout : LeastCallTime;
        var result = await executable.RunAsync(executable.StartOf(node.Prefix), environment.Variables, timeout, cancellationToken);
        if (!result.Succeeded)
        {
            throw NotStarted(node, "kong start failed", ProgramTail.Of(result, environment.Secrets));
        }

        if (await BecomesReadyAsync(cluster, node, cancellationToken) is { } reason)
        {
            throw NotStarted(node, $"it was not ready within {cluster.Deployment.ReadyTimeout}: {reason}", ProgramTail.Of(result, environment.Secrets));
        }
    }

    public async Task StopAsync(ClusterSpec cluster, NodeSpec node, CancellationToken cancellationToken)
    {
        if (NodeProcess.Find(node.Prefix) is not { } process)
        {
            return;
        }

        var executable = new KongExecutable(programs, cluster.Deployment);
        var patience = options.Value.StopTimeout;
        var quit = await executable.RunAsync(
            ["quit", "-p", node.Prefix, "--timeout", ((int)Math.Ceiling(patience.TotalSeconds)).ToString()],
            new Dictionary<string, string>(), patience + LeastCallTime, cancellationToken);
        if (await IsGoneAsync(process, patience, cancellationToken))
        {
            return;
        }

        // Connections that never end would keep the old process for ever.
        var stop = await executable.RunAsync(["stop", "-p", node.Prefix], new Dictionary<string, string>(), LeastCallTime, cancellationToken);
        if (!await IsGoneAsync(process, patience, cancellationToken))
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.StopFailed,
                Message = $"Node {node.Name} (process {process}) did not end.",
                Remedy = $"Look at the node; end it with: {executable.Path} stop -p {node.Prefix}; then: kum retry.",
                Details = [.. ProgramTail.Of(quit, []), .. ProgramTail.Of(stop, [])],
            });
        }
    }

    private static void EnsureOwnPrefix(ClusterSpec cluster, NodeSpec node, StepRef step)
    {
        var mark = NodeMark.Read(node.Prefix);
        var isOwn = mark is null ? NodeMark.IsUnused(node.Prefix) : mark.Cluster == step.Cluster && mark.Version == cluster.Version;
        if (!isOwn)
        {
            throw NotStarted(node, $"its prefix {node.Prefix} is in use by something that is not this cluster's version {cluster.Version}", []);
        }
    }

    // A foreign process on the port would answer in place of our node.
    private static async Task EnsureFreeAsync(NodeSpec node, CancellationToken cancellationToken)
    {
        foreach (var address in new[] { node.Proxy, node.Admin, node.Status }.OfType<Uri>())
        {
            if (await ListensAsync(address, cancellationToken))
            {
                throw NotStarted(node, $"something else listens on {address.Host}:{address.Port}", []);
            }
        }
    }

    /// <summary>Whether anything accepts connections there.</summary>
    public static async Task<bool> ListensAsync(Uri address, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(TimeSpan.FromSeconds(2));
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.DnsSafeHost, address.Port, bounded.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <returns>Null when ready, else the last reason.</returns>
    private async Task<string?> BecomesReadyAsync(ClusterSpec cluster, NodeSpec node, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var reason = await probe.WhyNotReadyAsync(cluster, node, cancellationToken);
            if (reason is null || clock.GetElapsedTime(started) >= cluster.Deployment.ReadyTimeout)
            {
                return reason;
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    private async Task<bool> IsGoneAsync(int process, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (NodeProcess.IsAlive(process))
        {
            if (clock.GetElapsedTime(started) >= patience)
            {
                return false;
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }

        return true;
    }

    private static StepFailedException NotStarted(NodeSpec node, string why, IReadOnlyList<string> details) => new(new Failure
    {
        Code = FailureCodes.StartFailed,
        Message = $"Node {node.Name} of cluster Y did not start: {why}.",
        Remedy = $"Read {Path.Combine(node.Prefix, "logs", "error.log")} and correct the node's configuration; then: kum retry.",
        Details = details,
    });
}

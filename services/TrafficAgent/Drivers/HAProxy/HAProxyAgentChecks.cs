using System.Net;
using System.Net.Sockets;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>The ports where HAProxy asks for its weight. They are answered from when the agent starts, since a file in its state directory names each.</summary>
public sealed class HAProxyAgentChecks(IOptions<AgentOptions> options, TimeProvider clock, ILogger<HAProxyAgentChecks> logger) : BackgroundService
{
    private const string Extension = ".split";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPEndPoint, AgentCheckListener> _listeners = [];
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "agent-checks");

    /// <summary>The file with the record that is answered at an address.</summary>
    public string FileOf(IPEndPoint listen) => Path.Combine(_directory, $"{listen.Address}_{listen.Port}{Extension}");

    /// <summary>Answers at the address from here on; does nothing when it is answered already.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when this host does not let us listen there.</exception>
    public void Listen(IPEndPoint listen)
    {
        lock (_gate)
        {
            if (_listeners.ContainsKey(listen))
            {
                return;
            }

            try
            {
                Directory.CreateDirectory(_directory);
                _listeners[listen] = new AgentCheckListener(listen, FileOf(listen), clock);
            }
            catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
            {
                throw new StepFailedException(
                    new Failure
                    {
                        Code = FailureCodes.BalancerRefused,
                        Message = $"The agent cannot listen at {listen} for HAProxy's agent check: {exception.Message}",
                        Remedy = "Set traffic.settings.listen to an address of the agent's host and a port that is free, and see that its state directory is writable; then: kum retry.",
                        IsTransient = true,
                    },
                    exception);
            }
        }
    }

    /// <summary>As <see cref="Listen"/>, where another process of this host may answer already: then what HAProxy follows tells whether somebody does.</summary>
    /// <returns>Whether this process answers.</returns>
    public bool TryListen(IPEndPoint listen)
    {
        try
        {
            Listen(listen);
            return true;
        }
        catch (StepFailedException exception)
        {
            logger.AgentCheckNotAnswered(listen, exception);
            return false;
        }
    }

    /// <summary>Answers this split at an address whatever its file says; null follows the file again.</summary>
    public void Follow(IPEndPoint listen, TrafficSplit? instead)
    {
        lock (_gate)
        {
            if (_listeners.TryGetValue(listen, out var listener))
            {
                listener.Follow(instead);
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_gate)
        {
            foreach (var listener in _listeners.Values)
            {
                listener.Dispose();
            }

            _listeners.Clear();
        }

        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var waiting = Known();
        while (waiting.Count > 0)
        {
            waiting.RemoveAll(TryListen);
            if (waiting.Count > 0)
            {
                // A predecessor may still hold the port for a moment.
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
    }

    private List<IPEndPoint> Known() => !Directory.Exists(_directory)
        ? []
        : [.. Directory.EnumerateFiles(_directory, "*" + Extension)
            .Select(static f => Path.GetFileNameWithoutExtension(f).Split('_'))
            .Where(static p => p.Length == 2 && IPAddress.TryParse(p[0], out _) && ushort.TryParse(p[1], out _))
            .Select(static p => new IPEndPoint(IPAddress.Parse(p[0]), ushort.Parse(p[1])))];
}

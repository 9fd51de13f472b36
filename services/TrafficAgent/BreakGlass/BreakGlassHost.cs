using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>What the state directories of this host's traffic agents know, or a spec where they know nothing. Works beside running agents and without them.</summary>
internal sealed class BreakGlassHost : IAsyncDisposable
{
    private const string Prefix = "traffic-";
    private readonly UpgradeSpec? _spec;
    private readonly List<ServiceProvider> _agents;

    public BreakGlassHost(string stateDirectory, UpgradeSpec? spec, TimeProvider clock)
    {
        _spec = spec;
        var names = Directory.Exists(stateDirectory)
            ? Directory.EnumerateDirectories(stateDirectory, Prefix + "*").Select(static d => Path.GetFileName(d)[Prefix.Length..]).Order(StringComparer.Ordinal).ToList()
            : [];
        if (names.Count == 0 && spec is not null)
        {
            names.Add(new AgentOptions().Name); // An agent that is installed here later reports what is put down now.
        }

        _agents = [.. names.Select(name => Build(name, stateDirectory, clock))];
    }

    /// <summary>Every split that is known here, as its balancer reports it.</summary>
    public async Task<IReadOnlyList<KnownSplit>> FindAsync(Guid? only, CancellationToken cancellationToken)
    {
        var known = _agents
            .SelectMany(static agent => agent.GetRequiredService<TrafficIntents>().All().Select(intent => (Agent: agent, Intent: intent)))
            .GroupBy(static k => k.Intent.Record.UpgradeId)
            .Select(static upgrade => upgrade.MaxBy(static k => (k.Intent.Record.Epoch, k.Intent.Record.Step)))
            .ToList();
        if (_spec is not null)
        {
            return [await FromSpecAsync(_spec, known.ToDictionary(static k => k.Intent.Record.UpgradeId), only, cancellationToken)];
        }

        var splits = await Task.WhenAll(known
            .Where(k => only is null || k.Intent.Record.UpgradeId == only)
            .Select(k => LookAsync(k.Agent, k.Intent, cancellationToken)));
        if (splits.Length == 0)
        {
            throw new BreakGlassRefusedException(new Failure
            {
                Code = FailureCodes.UpgradeNotFound,
                Message = only is null ? "No traffic agent of this host has ever set a split." : $"No traffic agent of this host knows upgrade {only}.",
                Remedy = "Say where the agent keeps its state (--state), run it on the agent's host, or give the upgrade's spec (--spec).",
            });
        }

        return splits;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }
    }

    private static async Task<KnownSplit> LookAsync(ServiceProvider agent, TrafficIntent intent, CancellationToken cancellationToken)
    {
        try
        {
            var seen = await agent.GetRequiredService<TrafficDriverCatalog>().Create(intent.Traffic).ReadAsync(cancellationToken);
            return new KnownSplit(agent, intent, seen, null);
        }
        catch (StepFailedException exception)
        {
            return new KnownSplit(agent, intent, null, exception.Failure);
        }
    }

    private async Task<KnownSplit> FromSpecAsync(
        UpgradeSpec spec, Dictionary<Guid, (ServiceProvider Agent, TrafficIntent Intent)> known, Guid? only, CancellationToken cancellationToken)
    {
        // Whose split it is stands in the balancer; without a record there it is nobody's, and only a person can answer for it.
        var agent = _agents[0];
        var nobody = new TrafficRecord { UpgradeId = only ?? Guid.NewGuid(), Epoch = 1, Step = 0, Split = TrafficSplit.AllOnX };
        var split = await LookAsync(agent, TrafficIntent.Of(nobody, spec, isRestore: false), cancellationToken);
        var record = split.Seen?.Record is { } found && (only is null || found.UpgradeId == only) ? found : nobody;
        if (known.TryGetValue(record.UpgradeId, out var kept))
        {
            return split with { Agent = kept.Agent, Known = kept.Intent with { Traffic = spec.Traffic, NodesX = split.Known.NodesX, NodesY = split.Known.NodesY } };
        }

        var shift = new StepRef { UpgradeId = record.UpgradeId, Cluster = spec.Cluster, Lane = StepLanes.Main, Name = "shift-traffic", Epoch = Math.Max(record.Epoch, 1), Sequence = 1, Attempt = 1 };
        return split with { Known = split.Known with { Record = record, Shift = shift, IsOver = record == nobody } };
    }

    private static ServiceProvider Build(string name, string stateDirectory, TimeProvider clock)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(clock);
        services.AddOptions<AgentOptions>().Configure(options => (options.Name, options.StateDirectory) = (name, stateDirectory));
        TrafficAgentModule.AddTraffic(services);
        return services.BuildServiceProvider();
    }
}

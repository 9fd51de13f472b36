using KongUpgradeMesh.Contracts.Steps;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Says every few seconds that the agents of this process live, and on what they work.</summary>
internal sealed class AgentBeatService(
    StepRunnerCatalog runners,
    IBus bus,
    IOptions<AgentOptions> options,
    TimeProvider clock,
    ILogger<AgentBeatService> logger) : BackgroundService
{
    private static readonly string Version = typeof(AgentBeatService).Assembly.GetName().Version?.ToString(3) ?? "0";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.BeatInterval, clock);
        do
        {
            foreach (var runner in runners.All)
            {
                await BeatAsync(runner, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task BeatAsync(StepRunner runner, CancellationToken stoppingToken)
    {
        using var bounded = new CancellationTokenSource(options.Value.BeatInterval, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, stoppingToken);
        var beat = new AgentBeat
        {
            Kind = runner.Kind,
            Datacenter = options.Value.Datacenter,
            Agent = runner.Agent,
            InstanceId = runner.InstanceId,
            Version = Version,
            SentAt = clock.GetUtcNow(),
            Running = runner.Running,
        };
        try
        {
            // A beat that waits for a broker to come back would lie about when it was sent: let it expire.
            await bus.Publish(beat, context => context.TimeToLive = options.Value.BeatInterval * 2, linked.Token);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            logger.BeatNotSent(runner.Agent, exception);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>HAProxy asks the agent; its socket lets nobody write.</summary>
public sealed class HAProxyAgentCheckTests : TrafficDriverConformance
{
    private HAProxyTestBalancer HAProxy => (HAProxyTestBalancer)Balancer;

    [Fact]
    public async Task Nothing_of_HAProxy_is_written()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);

        Assert.Contains("Permission denied", await HAProxy.SayAsync("set weight kum-split/x 20%"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_split_is_kept_while_the_agent_is_dead_and_answered_again_by_the_next_one()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        var before = await KeyCensus.TakeAsync(Balancer.FrontendPort, 400, Token);

        HAProxy.StopAgent();
        await Eventually.HoldsAsync("a check without an answer", async () => (await HAProxy.SayAsync("show stat")).Contains("L4CON", StringComparison.Ordinal), cancellationToken: Token);
        Assert.Equal(before, await KeyCensus.TakeAsync(Balancer.FrontendPort, 400, Token));

        await HAProxy.StartAgentAsync();
        var next = HAProxy.Factory.Create(new DriverSettings(Balancer.Settings));
        await next.RestoreAsync(Record(2, 0, 0), Token);
        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 200, Token));
    }

    [Fact]
    public async Task A_started_HAProxy_has_all_traffic_on_X_while_the_agent_is_dead()
    {
        await Driver.ApplyAsync(Record(1, 1, 100), false, Token);
        HAProxy.StopAgent();
        await Balancer.KillAsync();
        await Balancer.StartAgainAsync();

        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 200, Token));
    }

    [Fact]
    public async Task An_agent_that_starts_anew_answers_without_being_told_to()
    {
        await Driver.ApplyAsync(Record(1, 1, 100), false, Token);
        HAProxy.StopAgent();
        await Balancer.KillAsync();
        await HAProxy.StartAgentAsync();
        await Balancer.StartAgainAsync();

        await Eventually.HoldsAsync("all traffic on Y", async () => !(await KeyCensus.TakeAsync(Balancer.FrontendPort, 100, Token)).Contains(false), cancellationToken: Token);
    }

    [Fact]
    public async Task A_restore_by_another_process_of_the_host_is_answered_by_the_agent()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);

        await HAProxy.BesideTheAgent().Create(new DriverSettings(Balancer.Settings)).RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 200, Token));
    }

    [Fact]
    public async Task A_restore_takes_effect_although_the_file_cannot_be_written_and_says_so()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        File.Delete(Balancer.KeptFile);
        Directory.CreateDirectory(Balancer.KeptFile);

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.RestoreAsync(Record(2, 0, 0), Token));

        Assert.True(failure.IsTransient);
        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 200, Token));
        Directory.Delete(Balancer.KeptFile);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task A_HAProxy_that_does_not_ask_is_not_taken_for_moved()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["listen"] = $"127.0.0.1:{LoopbackPorts.Take()}", ["settle"] = "500ms" };

        var failure = await FailsAsync(
            FailureCodes.SplitNotInForce, () => Balancer.Factory.Create(new DriverSettings(settings)).RestoreAsync(Record(2, 0, 0), Token));

        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_refusal_that_names_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["listen"] = other.LocalEndpoint.ToString()! };

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Balancer.Factory.Create(new DriverSettings(settings)).CheckAsync(Wishes(), Token));

        Assert.Contains(settings["listen"], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_weighs_otherwise_is_found_at_plan_time()
    {
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["server"] = "kong-x/x1" };

        Assert.Single(await Balancer.Factory.Create(new DriverSettings(settings)).CheckAsync(Wishes(), Token));
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await HAProxyTestBalancer.StartAsync(x, y, agentCheck: true);
}

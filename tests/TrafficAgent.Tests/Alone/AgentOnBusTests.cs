using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.DeadMan;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Tests.Steps;

namespace KongUpgradeMesh.TrafficAgent.Tests.Alone;

public sealed class AgentOnBusTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string?> InMemory = new() { ["Bus:Transport"] = "InMemory" };
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Hears_a_failed_verdict_reports_the_restore_and_refuses_the_shift_that_was_on_its_way()
    {
        await using var agent = await AgentOnBus.StartAsync(_agent.State, InMemory);
        await agent.SendAsync(_agent.Shift(1, 3, 50));
        await agent.HearsAsync<TrafficShifted>(static s => s.Split.WeightY == 50);

        await agent.Bus.Publish(_agent.Verdict(1, 3), Token);

        var incident = await agent.HearsAsync<TrafficIncident>(static _ => true);
        Assert.Equal((TrafficIncidentKind.ReflexRestored, "shift-50"), (incident.Kind, incident.Step.Name));
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
        var late = _agent.Shift(1, 4, 100);
        await agent.SendAsync(late with { Step = late.Step with { Sequence = 2 } });
        Assert.Equal(FailureCodes.StepSuperseded, (await agent.HearsAsync<StepFailed>(static _ => true)).Failure.Code);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
        await Eventually.HoldsAsync("the incident is forgotten", () => Task.FromResult(agent.Get<IncidentBox>().Pending().Count == 0), cancellationToken: Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hears_coordinators_and_the_monitor_agents_of_its_own_datacenter(bool coordinator)
    {
        await using var agent = await AgentOnBus.StartAsync(_agent.State, InMemory);
        var contacts = agent.Get<Contacts>();
        await Eventually.HoldsAsync("silence", () => Task.FromResult(Silence() > TimeSpan.FromSeconds(1)), cancellationToken: Token);

        // The beats of the agent itself, of another datacenter's monitor, of one that watches nothing and of a deploy agent are no contact.
        var silence = Silence();
        await agent.Bus.Publish(Beat(AgentKind.Monitor, "us1"), Token);
        await agent.Bus.Publish(Beat(AgentKind.Monitor, "eu1") with { Running = [] }, Token);
        await agent.Bus.Publish(Beat(AgentKind.Deploy, "eu1"), Token);
        await Eventually.HoldsAsync("silence goes on", () => Task.FromResult(Lasts() > TimeSpan.FromSeconds(4)), cancellationToken: Token);

        // No look adds more than three seconds, so what was heard is seen however late the next look comes.
        await (coordinator
            ? agent.Bus.Publish(new CoordinatorBeat { InstanceId = Guid.NewGuid(), Version = "1", SentAt = DateTimeOffset.UtcNow }, Token)
            : agent.Bus.Publish(Beat(AgentKind.Monitor, "eu1"), Token));
        await Eventually.HoldsAsync("contact", () => Task.FromResult(Silence() < silence), cancellationToken: Token);

        TimeSpan Lasts()
        {
            var before = silence;
            silence = Silence();
            Assert.True(silence >= before, $"somebody was heard after {before}");
            return silence;
        }
        TimeSpan Silence()
        {
            contacts.Look();
            return contacts.SilenceOf(_agent.Upgrade);
        }
    }

    [Fact]
    public async Task Restores_X_while_there_is_no_broker_and_reports_it_when_there_is_one()
    {
        Assert.SkipUnless(RabbitMqServer.IsInstalled, "RabbitMQ is not installed");
        _agent.Wishes = new TrafficSpec { Driver = "", Settings = new Dictionary<string, string>(), DeadMan = new DeadManSpec { After = TimeSpan.FromSeconds(5) } };
        await _agent.ShiftAsync(1, 3, 50);
        var port = LoopbackPorts.Take();
        var bus = new Dictionary<string, string?>
        {
            ["Bus:Host"] = "127.0.0.1", ["Bus:Port"] = $"{port}", ["Bus:VirtualHost"] = RabbitMqServer.VirtualHost, ["Bus:User"] = RabbitMqServer.User, ["Bus:Password"] = RabbitMqServer.Password,
        };
        await using var agent = await AgentOnBus.StartAsync(_agent.State, bus);

        await Eventually.HoldsAsync("all traffic on X", async () => (await _agent.ReadAsync()).Split.WeightY == 0, cancellationToken: Token);
        await Eventually.HoldsAsync("an incident", () => Task.FromResult(_agent.Incidents.Count == 1), cancellationToken: Token);
        Assert.Equal(TrafficIncidentKind.DeadManRestored, _agent.Incidents[0].Kind);

        await using var broker = await RabbitMqServer.StartAsync(port: port, cancellationToken: Token);
        await Eventually.HoldsAsync("the incident is reported", () => Task.FromResult(_agent.Incidents.Count == 0), cancellationToken: Token);
    }

    private AgentBeat Beat(AgentKind kind, string datacenter) =>
        new() { Kind = kind, Datacenter = datacenter, Agent = "a", InstanceId = Guid.NewGuid(), Version = "1", SentAt = DateTimeOffset.UtcNow, Running = [_agent.Shift(1, 3, 50).Step] };
}

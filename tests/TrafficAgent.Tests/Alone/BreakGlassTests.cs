using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Tests.Steps;

namespace KongUpgradeMesh.TrafficAgent.Tests.Alone;

/// <summary><c>kum-traffic</c> as the process that a person starts: no bus, no coordinator, no database is there.</summary>
public sealed class BreakGlassTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Brings_all_traffic_to_X_while_everything_but_the_balancer_and_X_is_dead()
    {
        await _agent.ShiftAsync(1, 3, 50);
        await _agent.Y.StopAsync();

        var status = await RunAsync("status");
        Assert.Contains("50 % on Y", status.Output);
        Assert.Contains("cluster X serves, cluster Y DOES NOT ANSWER", status.Output);
        var restored = await RunAsync("restore");

        Assert.True(restored.Succeeded, restored.Error);
        Assert.Contains($"shop, upgrade {_agent.Upgrade}: all traffic is on cluster X", restored.Output);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Equal((TrafficIncidentKind.BreakGlassRestored, "shift-50"), (Assert.Single(_agent.Incidents).Kind, _agent.Incidents[0].Step.Name));

        // The agent that ran meanwhile finds the mark although it did not write it.
        await _agent.Y.StartAgainAsync();
        Assert.Equal(FailureCodes.StepSuperseded, (await Assert.ThrowsAsync<StepFailedException>(() => _agent.ShiftAsync(1, 4, 100))).Failure.Code);
        Assert.Contains("nothing to do", (await RunAsync("restore")).Output);
        Assert.Contains("1 incidents wait for a broker", (await RunAsync("status")).Output);
    }

    [Fact]
    public async Task Holds_while_X_does_not_answer_unless_it_is_forced()
    {
        await _agent.ShiftAsync(1, 3, 50);
        await _agent.X.StopAsync();

        var held = await RunAsync("restore");
        Assert.Equal(3, held.ExitCode);
        Assert.Contains("cluster-unfit", held.Error);
        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);

        var forced = await RunAsync("restore", "--force", "-o", "json");
        Assert.True(forced.Succeeded, forced.Error);
        Assert.True(JsonDocument.Parse(forced.Output).RootElement.GetProperty("allOnX").GetBoolean());
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Leads_back_from_a_commitment_only_by_force()
    {
        await _agent.ShiftAsync(1, 5, 100);
        await _agent.CommitAsync(1);

        var refused = await RunAsync("restore");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("cluster X may be gone", refused.Error);
        Assert.Equal(100, (await _agent.ReadAsync()).Split.WeightY);

        Assert.True((await RunAsync("restore", "--force")).Succeeded);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(2, int.MaxValue, 0)));
    }

    [Fact]
    public async Task Says_why_when_the_balancer_is_dead()
    {
        await _agent.ShiftAsync(1, 3, 50);
        await _agent.Balancer.KillAsync();

        var result = await RunAsync("restore", "--within", "1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("balancer-unreachable", result.Error);
        Assert.Contains("remedy:", result.Error);
    }

    [Fact]
    public async Task Asks_which_is_meant_where_several_splits_are_on()
    {
        await _agent.ShiftAsync(1, 3, 50);
        await using var other = await TestAgent.StartAsync();
        await other.ShiftAsync(1, 1, 10);
        _agent.Intents.Write(other.Intents.Find(other.Upgrade)!);

        var unclear = await RunAsync("restore");
        Assert.Equal(6, unclear.ExitCode);
        Assert.Contains($"{other.Upgrade}", unclear.Error);

        Assert.True((await RunAsync("restore", "--upgrade", $"{other.Upgrade}")).Succeeded);
        Assert.Equal((50, 0), ((await _agent.ReadAsync()).Split.WeightY, (await other.ReadAsync()).Split.WeightY));
        _agent.Intents.Write(other.Intents.Find(other.Upgrade)! with { IsRestore = true, State = IntentState.Confirmed });
        Assert.True((await RunAsync("restore")).Succeeded);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Works_from_the_spec_where_the_state_is_lost()
    {
        await _agent.ShiftAsync(1, 3, 50);
        _agent.Forget();
        Assert.Equal(6, (await RunAsync("restore")).ExitCode);
        var spec = Path.Combine(_agent.State, "upgrade.yaml");
        await File.WriteAllTextAsync(spec, SpecText(), Token);

        var result = await RunAsync("restore", "--spec", spec);

        Assert.True(result.Succeeded, result.Error);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, int.MaxValue, 0)));
    }

    [Fact]
    public async Task Touches_nobodys_split_only_by_force()
    {
        await _agent.Balancer.ReplaceByHandAsync(30);
        var spec = Path.Combine(_agent.State, "upgrade.yaml");
        await File.WriteAllTextAsync(spec, SpecText(), Token);

        var refused = await RunAsync("restore", "--spec", spec);
        Assert.Equal(6, refused.ExitCode);
        Assert.Contains("split-foreign", refused.Error);
        Assert.True((await RunAsync("restore", "--spec", spec, "--force")).Succeeded);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Theory]
    [InlineData(64, "restore", "--within", "0")]
    [InlineData(64, "restore", "--what")]
    [InlineData(6, "restore", "--spec", "/nowhere/upgrade.yaml")]
    public async Task Says_what_is_wrong_with_the_command_line(int exitCode, params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.NotEmpty(result.Error);
    }

    private string SpecText()
    {
        var spec = JsonNode.Parse(TestKit.SpecText.For("shop"))!;
        spec["from"]!["nodes"]![0]!["proxy"] = _agent.X.Address.ToString();
        spec["to"]!["nodes"]![0]!["proxy"] = _agent.Y.Address.ToString();
        spec["traffic"]!["settings"] = new JsonObject(_agent.Balancer.Settings.Select(static s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value))));
        return spec.ToJsonString();
    }

    private Task<ProgramResult> RunAsync(params string[] arguments) => new ProgramRunner(TimeProvider.System).RunAsync(
        new ProgramCall
        {
            File = "dotnet",
            Arguments = [typeof(TrafficAgentModule).Assembly.Location, .. arguments],
            Environment = new Dictionary<string, string?> { ["KUM_Agent__StateDirectory"] = _agent.State },
            Timeout = TimeSpan.FromSeconds(60),
        },
        Token);
}

using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Cli.Tests;

public class CommandTests
{
    private const string Spec = "cluster: payments\nfrom:\n  version: '2.8.5'\ntraffic:\n  steps: [1, 25, 100]\n";

    [Fact]
    public async Task Starts_an_upgrade_from_standard_input()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        var result = await Kum.RunAsync(coordinator.Address, ["start", "-f", "-", "--request-id", "r-7"], Spec);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(Canned.UpgradeId.ToString(), result.Output, StringComparison.Ordinal);
        var (path, body) = Assert.Single(coordinator.Posts);
        Assert.Equal("/api/v1/upgrades", path);
        using var sent = JsonDocument.Parse(body);
        Assert.Equal("r-7", sent.RootElement.GetProperty("requestId").GetString());
        Assert.Equal("tester", sent.RootElement.GetProperty("requestedBy").GetString());
        Assert.Equal("2.8.5", sent.RootElement.GetProperty("spec").GetProperty("from").GetProperty("version").GetString());
        Assert.Equal(25, sent.RootElement.GetProperty("spec").GetProperty("traffic").GetProperty("steps")[1].GetInt32());
    }

    [Fact]
    public async Task Shows_every_problem_of_a_refused_spec_with_its_path()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        coordinator.Refusal = (400, new ApiProblem
        {
            Failure = new Failure { Code = FailureCodes.SpecInvalid, Message = "The spec has 2 problems.", Remedy = "Correct them." },
            Problems =
            [
                new SpecProblem { Path = "traffic.steps[2]", Message = "must rise" },
                new SpecProblem { Path = "to.version", Message = "is missing" },
            ],
        });
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Spec);

        var result = await Kum.RunAsync(coordinator.Address, ["validate", "-f", file]);
        File.Delete(file);

        Assert.Equal(ExitCodes.Refused, result.ExitCode);
        Assert.Equal(
            "spec-invalid: The spec has 2 problems.\n  remedy: Correct them.\n  traffic.steps[2]: must rise\n  to.version: is missing\n",
            result.Error);
    }

    [Fact]
    public async Task Gives_a_refusal_as_JSON_where_JSON_was_asked_for()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        var result = await Kum.RunAsync(coordinator.Address, ["status", Guid.Empty.ToString(), "-o", "json"]);

        Assert.Equal(ExitCodes.Refused, result.ExitCode);
        using var answer = JsonDocument.Parse(result.Output);
        Assert.Equal(FailureCodes.UpgradeNotFound, answer.RootElement.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Names_the_file_and_line_of_a_spec_that_is_not_YAML()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        var result = await Kum.RunAsync(coordinator.Address, ["start", "-f", "-"], "a: 1\na: 2\n");

        Assert.Equal(ExitCodes.Refused, result.ExitCode);
        Assert.StartsWith("spec-invalid: standard input:2:1: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(coordinator.Posts);
    }

    [Theory]
    [InlineData("Completed", UpgradeOutcome.Completed, ExitCodes.Done)]
    [InlineData("Failed", UpgradeOutcome.Failed, ExitCodes.Failed)]
    [InlineData("Aborted", UpgradeOutcome.Aborted, ExitCodes.Failed)]
    [InlineData("RolledBack", UpgradeOutcome.RolledBack, ExitCodes.RolledBack)]
    [InlineData("Paused", null, ExitCodes.WaitsForPerson)]
    [InlineData("Gate", null, ExitCodes.WaitsForPerson)]
    [InlineData("Shift", null, ExitCodes.Running)]
    [InlineData("RollingBack", null, ExitCodes.Running)]
    public void Tells_by_the_exit_code_where_an_upgrade_stands(string state, UpgradeOutcome? outcome, int code) =>
        Assert.Equal(code, ExitCodes.Of(Canned.Upgrade(state, outcome)));

    [Theory]
    [InlineData("payments")]
    [InlineData("5f0c2b1e")]
    [InlineData("5F0C")]
    [InlineData("5f0c2b1e-7a4d-4c55-9d0e-3b6f6f6d9a11")]
    public async Task Finds_an_upgrade_by_cluster_prefix_and_id(string text)
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        coordinator.Upgrades.Insert(0, Canned.Upgrade("RolledBack", UpgradeOutcome.RolledBack) with { UpgradeId = Guid.NewGuid() });

        var result = await Kum.RunAsync(coordinator.Address, ["status", text]);

        Assert.Equal((ExitCodes.Running, ""), (result.ExitCode, result.Error));
        Assert.Contains(Canned.UpgradeId.ToString(), result.Output, StringComparison.Ordinal);
        Assert.Contains("75 % on X, 25 % on Y", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_prefix_that_fits_two_upgrades()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        coordinator.Upgrades.Add(Canned.Upgrade() with { UpgradeId = Guid.Parse("5f0c2b1e-0000-4c55-9d0e-3b6f6f6d9a11"), Cluster = "other" });

        var result = await Kum.RunAsync(coordinator.Address, ["rollback", "5f0c2b1e"]);

        Assert.Equal(ExitCodes.Refused, result.ExitCode);
        Assert.Contains("5f0c2b1e-0000-4c55-9d0e-3b6f6f6d9a11 other", result.Error, StringComparison.Ordinal);
        Assert.Empty(coordinator.Posts);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("approve")]
    [InlineData("rollback")]
    [InlineData("retry")]
    [InlineData("abort")]
    public async Task Sends_an_operators_command_with_actor_and_reason(string verb)
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        var result = await Kum.RunAsync(coordinator.Address, [verb, "payments", "--reason", "drill"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var (path, body) = Assert.Single(coordinator.Posts);
        Assert.Equal($"/api/v1/upgrades/{Canned.UpgradeId}/{verb}", path);
        Assert.Equal("""{"actor":"tester","reason":"drill"}""", body);
    }

    [Theory]
    [InlineData("resume")]
    [InlineData("retry")]
    public async Task Sends_the_findings_that_are_overridden(string verb)
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        var result = await Kum.RunAsync(coordinator.Address, [verb, "payments", "--override", "error-rate:orders", "--override", "latency", "--reason", "known since March"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("""{"actor":"tester","reason":"known since March","overrides":["error-rate:orders","latency"]}""", Assert.Single(coordinator.Posts).Body);
        Assert.Equal(ExitCodes.Usage, (await Kum.RunAsync(coordinator.Address, ["approve", "payments", "--override", "latency"])).ExitCode);
    }

    [Fact]
    public async Task Status_and_explain_name_what_failed_what_was_overridden_and_what_was_alerted()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        var orders = new VerdictFinding { Indicator = "error-rate", Route = "orders", Verdict = Verdict.Failed, Message = "5xx on Y 4.0 %, on X 0.1 %." };
        var word = new VerdictOverride { Finding = new FindingRef("latency"), Reason = "slower disks, known", Actor = "ann", At = DateTimeOffset.UnixEpoch };
        coordinator.Upgrades[0] = coordinator.Upgrades[0] with { FailedFindings = [orders], Overrides = [word], Alerts = [orders with { Indicator = "status-404", Route = null }] };

        foreach (var verb in new[] { "status", "explain" })
        {
            var output = (await Kum.RunAsync(coordinator.Address, [verb, "payments"])).Output;
            Assert.Matches("failed +error-rate:orders: 5xx on Y 4.0 %, on X 0.1 %.", output);
            Assert.Matches("override +latency by ann at .*: slower disks, known", output);
            Assert.Matches("alert +status-404: 5xx on Y", output);
        }
    }

    [Fact]
    public async Task Prints_lists_explanations_timelines_and_agents()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        var list = await Kum.RunAsync(coordinator.Address, ["list", "--active"]);
        var explain = await Kum.RunAsync(coordinator.Address, ["explain", "payments"]);
        var timeline = await Kum.RunAsync(coordinator.Address, ["timeline", "payments", "--after", "6"]);
        var agents = await Kum.RunAsync(coordinator.Address, ["agents"]);
        var json = await Kum.RunAsync(coordinator.Address, ["agents", "-o", "json"]);

        Assert.Matches("5f0c2b1e +payments +eu1 +2.8.5 +3.4.3 +Shift +Shift +25 %", list.Output);
        Assert.Contains("waits for: a verdict of the monitor", explain.Output, StringComparison.Ordinal);
        Assert.Contains("kum rollback", explain.Output, StringComparison.Ordinal);
        Assert.Equal(2, timeline.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Matches("Traffic +eu1 +traffic-1 +NO", agents.Output);
        using var answer = JsonDocument.Parse(json.Output);
        Assert.Equal("Traffic", answer.RootElement[0].GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("list")]
    [InlineData("watch")]
    public async Task Says_in_one_line_that_the_coordinator_is_unreachable(string command)
    {
        var nobody = new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}");

        var result = await Kum.RunAsync(nobody, command == "list" ? ["list"] : ["watch", Canned.UpgradeId.ToString()]);

        Assert.Equal((ExitCodes.Unreachable, ""), (result.ExitCode, result.Output));
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("nothing listens there", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("shift payments")]
    [InlineData("list -o xml")]
    [InlineData("list --server nonsense")]
    public async Task Refuses_a_wrong_command_line_with_a_code_of_its_own(string line)
    {
        var result = await Kum.RunAsync(new Uri("http://127.0.0.1:1"), line.Split(' '));

        Assert.Equal((ExitCodes.Usage, ""), (result.ExitCode, result.Output));
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_an_address()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();

        Assert.Equal(0, (await Kum.RunAsync(coordinator.Address, ["probe", new Uri(coordinator.Address, "/api/v1/agents").ToString()])).ExitCode);
        Assert.Equal(ExitCodes.Failed, (await Kum.RunAsync(coordinator.Address, ["probe", new Uri(coordinator.Address, "/nothing").ToString()])).ExitCode);
    }
}

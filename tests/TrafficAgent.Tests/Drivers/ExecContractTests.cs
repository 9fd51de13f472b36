using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Exec;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>What the exec driver makes of what a program says; the conformance suite has the program that drives a real balancer.</summary>
public sealed class ExecContractTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-exec-").FullName;
    private readonly ExecTrafficDriverFactory _factory = new(new ProgramRunner(TimeProvider.System), TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 75", FailureCodes.BalancerUnreachable)]
    [InlineData("exit 3", FailureCodes.StepSuperseded)]
    [InlineData("exit 1", FailureCodes.BalancerRefused)]
    [InlineData("kill -9 $$", FailureCodes.BalancerRefused)]
    [InlineData("sleep 30", FailureCodes.BalancerUnreachable)]
    public async Task The_exit_code_of_set_decides(string set, string code)
    {
        var driver = await DriverOfAsync($$$"""
            [ "$1" = get ] && echo '{"weights": {"x": 100, "y": 0}}' && exit
            echo "reason of the program" >&2
            {{{set}}}
            """, ("timeout", set.StartsWith("sleep", StringComparison.Ordinal) ? "2s" : "20s"));

        var failure = await FailsAsync(code, () => driver.ApplyAsync(Record(1, 1, 10), false, Token));

        Assert.Equal(code == FailureCodes.BalancerUnreachable, failure.IsTransient);
        if (code == FailureCodes.BalancerRefused)
        {
            Assert.Contains(failure.Details, static d => d.Contains("reason of the program", StringComparison.Ordinal));
            Assert.Contains(failure.Details, static d => d.Contains("0 % on Y", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("echo done")]
    [InlineData("echo '{}'")]
    [InlineData("echo null")]
    [InlineData("""echo '{"weights": {"x": 0, "y": 0}}'""")]
    [InlineData("""echo '{"weights": {"x": "most", "y": 10}}'""")]
    [InlineData("""echo '{"weights": {"x": 90, "y": 10}, "upgrade": "1b4e28ba-2fa1-11d2-883f-0016d3cca427"}'""")]
    [InlineData("""echo '{"weights": {"x": 90, "y": 10}, "upgrade": "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "epoch": 1, "step": 1}'""")]
    [InlineData("""echo '{"weights": {"x": 90, "y": 10}, "epoch": 99999999999999999999}'""")]
    [InlineData("yes x | head -c 3000000")]
    public async Task An_answer_to_get_that_breaks_the_contract_is_never_taken_for_a_split(string get)
    {
        var driver = await DriverOfAsync(get);

        await FailsAsync(FailureCodes.BalancerRefused, () => driver.ReadAsync(Token));
        await FailsAsync(FailureCodes.BalancerRefused, () => driver.RestoreAsync(Record(1, 0, 0), Token));
    }

    [Fact]
    public async Task A_set_that_says_done_and_does_nothing_is_noticed()
    {
        var driver = await DriverOfAsync("""[ "$1" = get ] && echo '{"weights": {"x": 100, "y": 0}}'; exit 0""");

        var failure = await FailsAsync(FailureCodes.SplitNotInForce, () => driver.ApplyAsync(Record(1, 1, 10), false, Token));

        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task A_secret_reaches_the_program_and_no_message()
    {
        var secret = Path.Combine(_directory, "secret");
        await File.WriteAllTextAsync(secret, "s3cr3t-of-the-balancer\n", Token);
        var driver = await DriverOfAsync("""echo "denied to $KEY (${#KEY})" >&2; exit 1""", ("environment.KEY", "file:" + secret));

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => driver.ReadAsync(Token));

        Assert.Contains(failure.Details, static d => d.Contains("denied to *** (22)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_variable_of_the_agent_reaches_the_program_only_where_the_spec_says_so()
    {
        Environment.SetEnvironmentVariable("KUM_TEST_OF_THE_AGENT", "kept-by-the-agent");
        const string script = """echo "sees ${KUM_TEST_OF_THE_AGENT:-nothing} and ${GIVEN:-nothing}" >&2; exit 1""";
        var driver = await DriverOfAsync(script, ("environment.GIVEN", "something"));

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => driver.ReadAsync(Token));

        Assert.Contains(failure.Details, static d => d.Contains("sees nothing and something", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var driver = await DriverOfAsync("", ("program", "/not/there"));

        Assert.Contains("/not/there", (await FailsAsync(FailureCodes.ToolMissing, () => driver.CheckAsync(Wishes(), Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promises_what_the_settings_declare()
    {
        var driver = await DriverOfAsync("exit 1", ("sticky", "false"), ("granularity", "25"), ("assignment", "lookup"));

        var problems = driver.Capabilities.ProblemsWith(Wishes() with { Sticky = true, Steps = [10, 50, 100] });

        Assert.Equal(2, problems.Count());
        Assert.Equal(TrafficAssignment.PerLookup, driver.Capabilities.Assignment);
    }

    [Fact]
    public async Task Counts_that_are_promised_and_not_given_are_found_at_plan_time()
    {
        var driver = await DriverOfAsync("""echo '{"weights": {"x": 100, "y": 0}}'""", ("counts", "true"));

        Assert.Single(await driver.CheckAsync(Wishes(), Token));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = Guid.Parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427"), Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    private static TrafficSpec Wishes() => new() { Driver = "exec", Settings = new Dictionary<string, string>() };

    private static async Task<Failure> FailsAsync(string code, Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(action);
        Assert.Equal(code, exception.Failure.Code);
        return exception.Failure;
    }

    /// <summary>A driver of a program that says what is to be tested instead of driving a balancer.</summary>
    private async Task<ITrafficDriver> DriverOfAsync(string script, params (string Key, string Value)[] more)
    {
        var program = Path.Combine(_directory, "program.sh");
        await File.WriteAllTextAsync(program, script + "\n", Token);
        var settings = new Dictionary<string, string> { ["program"] = "/bin/sh", ["arguments"] = program, ["sticky"] = "true", ["assignment"] = "request", ["timeout"] = "20s", ["settle"] = "100ms" };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return _factory.Create(new DriverSettings(settings));
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>One backend with two servers of X and three of Y, divided by their weights.</summary>
public sealed class HAProxyWeightsTests : TrafficDriverConformance
{
    private HAProxyTestBalancer HAProxy => (HAProxyTestBalancer)Balancer;

    [Theory]
    [InlineData(0, 50)]
    [InlineData(33, 50)]
    [InlineData(25, 75)]
    [InlineData(50, 1)]
    [InlineData(1, 99)]
    public async Task At_no_moment_Y_gets_more_than_the_larger_of_two_shares(int from, int to)
    {
        using var client = new RawClient(Balancer.FrontendPort);
        for (var round = 1; round <= 4; round++)
        {
            await Driver.ApplyAsync(Record(round, 1, from), false, Token);
            // Somewhere in a turn of the round robin: there weights that are set in another order send hundreds of requests to Y.
            for (var i = 0; i < 97 * round; i++)
            {
                await client.SendAsync("any", Token);
            }

            await Driver.ApplyAsync(Record(round, 2, to), false, Token);

            var (onY, most) = (0, Math.Max(from, to) / 100.0);
            for (var sent = 1; sent <= 300; sent++)
            {
                onY += await client.SendAsync("any", Token) == "y" ? 1 : 0;
                Assert.True(onY <= (most * sent) + 6, $"{onY} of {sent} requests went to Y from {from} to {to} %");
            }
        }
    }

    [Fact]
    public Task No_request_fails_while_traffic_is_moved_forth_and_back() =>
        MoveForthAndBackUnderLoadAsync(rounds: 5, static (_, _) => "any");

    [Fact]
    public async Task A_reload_keeps_split_and_record_by_the_server_state_file()
    {
        var record = Record(1, 1, 25);
        await Driver.ApplyAsync(record, false, Token);

        await HAProxy.Server.ReloadAsync(Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(record));
        // From now on it is a person who sets the weights of the configuration.
        await HAProxy.SayAsync(AsConfigured);
        Assert.True((await Driver.ReadAsync(Token)).Tampered);
    }

    [Fact]
    public async Task Without_a_server_state_file_a_started_HAProxy_has_all_on_X_and_takes_the_split_again()
    {
        var driver = Balancer.Factory.Create(new DriverSettings(new Dictionary<string, string>(Balancer.Settings) { ["stateFile"] = "none" }));
        var record = Record(1, 2, 50);
        await driver.ApplyAsync(record, false, Token);

        await HAProxy.Server.ReloadAsync(Token);

        var seen = await driver.ReadAsync(Token);
        Assert.Equal((true, false, 0), (seen.HasLapsed, seen.Tampered, seen.Split.WeightY));
        Assert.False(seen.Is(record));
        await FailsAsync(FailureCodes.StepSuperseded, () => driver.ApplyAsync(Record(1, 1, 10), false, Token));
        await driver.ApplyAsync(record, false, Token);
        Assert.True((await driver.ReadAsync(Token)).Is(record));
    }

    [Fact]
    public async Task All_on_X_by_hand_is_not_taken_for_a_restart()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        await HAProxy.SayAsync(AsConfigured);

        var seen = await Driver.ReadAsync(Token);

        Assert.Equal((true, false, 0), (seen.Tampered, seen.HasLapsed, seen.Split.WeightY));
        await FailsAsync(FailureCodes.SplitForeign, () => Driver.ApplyAsync(Record(1, 2, 75), false, Token));
    }

    [Fact]
    public async Task A_write_that_was_cut_short_is_finished_by_the_same_step_and_fenced_by_its_epoch()
    {
        var (old, cut) = (Record(1, 1, 10), Record(2, 0, 0));
        await Driver.ApplyAsync(old, false, Token);
        var settled = HAProxyWeightsNotes.Read(HAProxy.NoteFile)!;
        HAProxyWeightsNotes.Write(HAProxy.NoteFile, settled with { Record = cut, Before = settled.Weights, Weights = new Dictionary<string, int> { ["x1"] = 100, ["x2"] = 100, ["y1"] = 0, ["y2"] = 0, ["y3"] = 0 } });
        await HAProxy.SayAsync("set server kong/x1 weight 100");

        var seen = await Driver.ReadAsync(Token);
        Assert.Equal((true, false), (seen.HasLapsed, seen.Tampered));
        Assert.InRange(seen.Split.WeightY, 1, 10);
        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(1, 2, 50), false, Token));
        await Driver.RestoreAsync(cut, Token);
        Assert.True((await Driver.ReadAsync(Token)).Is(cut));
    }

    [Fact]
    public async Task A_node_that_is_taken_out_by_hand_is_a_change_of_the_split_and_no_obstacle_to_a_restore()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        await HAProxy.SayAsync("set server kong/x1 state maint");

        var seen = await Driver.ReadAsync(Token);

        Assert.True(seen.Tampered);
        Assert.Equal(67, seen.Split.WeightY);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        Assert.DoesNotContain(true, await Balancer.CensusAsync(200, Token));
    }

    [Fact]
    public async Task Traffic_is_not_led_to_a_side_that_somebody_has_taken_out_of_service()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        await HAProxy.SayAsync("set server kong/x1 state drain;set server kong/x2 state maint");

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.RestoreAsync(Record(2, 0, 0), Token));

        Assert.Contains("state ready", failure.Details[0], StringComparison.Ordinal);
        Assert.Equal(100, (await Driver.ReadAsync(Token)).Split.WeightY);
        Assert.DoesNotContain(false, await Balancer.CensusAsync(100, Token));
        await HAProxy.SayAsync("set server kong/x2 state ready");
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.DoesNotContain(true, await Balancer.CensusAsync(100, Token));
    }

    [Fact]
    public async Task A_restore_takes_effect_although_nothing_can_be_kept_and_says_so()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        File.Delete(HAProxy.NoteFile);
        Directory.CreateDirectory(HAProxy.NoteFile);

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.RestoreAsync(Record(2, 0, 0), Token));

        Assert.True(failure.IsTransient);
        Assert.DoesNotContain(true, await Balancer.CensusAsync(200, Token));
        Directory.Delete(HAProxy.NoteFile);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task A_note_that_cannot_be_read_stops_a_shift_and_not_a_restore()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await File.WriteAllTextAsync(HAProxy.NoteFile, "{", Token);

        await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ApplyAsync(Record(1, 2, 50), false, Token));
        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task Names_of_servers_that_do_not_fit_the_backend_are_found_at_plan_time()
    {
        var problems = await ProblemsAsync(("serversX", "x1"), ("serversY", "x2, y1, nope"), ("protocol", "tcp"));

        Assert.Equal(
            [
                "Backend kong of HAProxy has no server nope.",
                "Backend kong of HAProxy has server y2, which is neither in serversX nor in serversY.",
                "Backend kong of HAProxy has server y3, which is neither in serversX nor in serversY.",
                "Server kong/x2 must be configured with weight 0: a HAProxy that starts would send traffic to Y.",
                "Backend kong of HAProxy is of mode http; set traffic.settings.protocol to that.",
            ],
            problems);
    }

    [Fact]
    public async Task What_leads_clients_past_the_weights_is_found_at_plan_time()
    {
        await ReconfigureAsync(static text => text
            .Replace("balance roundrobin", "balance leastconn\n  cookie KUM insert\n  stick-table type ip size 10k\n  stick on src", StringComparison.Ordinal)
            .Replace("weight 100", "weight 100 cookie a", StringComparison.Ordinal)
            .Replace("weight 0", "weight 0 backup agent-check agent-port 1", StringComparison.Ordinal));

        var problems = await ProblemsAsync();

        Assert.Equal(1 + 2 + 3 + 3 + 1, problems.Count);
        Assert.Single(problems, static p => p.Contains("balances by leastconn", StringComparison.Ordinal));
        Assert.Equal(2, problems.Count(static p => p.Contains("has a cookie", StringComparison.Ordinal)));
        Assert.Equal(3, problems.Count(static p => p.Contains("is a backup", StringComparison.Ordinal)));
        Assert.Equal(3, problems.Count(static p => p.Contains("has an agent-check", StringComparison.Ordinal)));
        Assert.Single(problems, static p => p.Contains("has a stick table", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_socket_that_may_not_write_is_found_at_plan_time()
    {
        await ReconfigureAsync(static text => text.Replace("level admin", "level operator", StringComparison.Ordinal));

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.CheckAsync(Wishes(), Token));

        Assert.Contains("Permission denied", failure.Details[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Connections_are_dealt_out_where_the_backend_does_not_speak_http()
    {
        await ReconfigureAsync(static text => text.Replace("mode http", "mode tcp", StringComparison.Ordinal));
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["protocol"] = "tcp" };
        var driver = Balancer.Factory.Create(new DriverSettings(settings));
        Assert.Empty(await driver.CheckAsync(Wishes(), Token));
        Assert.Equal(TrafficAssignment.PerConnection, driver.Capabilities.Assignment);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Balancer.FrontendPort}") };

        await driver.ApplyAsync(Record(1, 1, 50), false, Token);
        var onY = 0;
        for (var connection = 0; connection < 140; connection++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { ConnectionClose = true } };
            using var answer = await client.SendAsync(request, Token);
            // A HAProxy that was just started may first deal out some fifty more to X.
            onY += connection >= 80 && await answer.Content.ReadAsStringAsync(Token) == "y" ? 1 : 0;
        }

        Assert.InRange(onY, 27, 33);
    }

    [Fact]
    public async Task The_documented_configuration_is_the_one_that_the_tests_run()
    {
        var running = (await File.ReadAllLinesAsync(HAProxy.Server.ConfigurationFile, Token)).Select(static l => l.Trim()).ToHashSet();
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "traffic", "haproxy.md"), Token);
        var block = page.Split("```haproxy weights\n")[1].Split("```")[0].Replace("/etc/haproxy/kum/kong.state", HAProxy.Server.StateFile, StringComparison.Ordinal);

        // Addresses are the reader's own; what follows them is not.
        var documented = block.Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0).ToLookup(static l => l.StartsWith("server ", StringComparison.Ordinal));

        Assert.Equal(4, documented[false].Count());
        Assert.All(documented[false], l => Assert.Contains(l, running));
        Assert.All(documented[true], l => Assert.Contains(running, r => r.StartsWith(l[..9], StringComparison.Ordinal) && r.Contains(l[l.IndexOf(" weight ", StringComparison.Ordinal)..], StringComparison.Ordinal)));
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await HAProxyTestBalancer.StartWeightsAsync(x, y, serversX: 2, serversY: 3);

    private static string AsConfigured => "set server kong/x1 weight 100;set server kong/x2 weight 100;set server kong/y1 weight 0;set server kong/y2 weight 0;set server kong/y3 weight 0";

    private async Task<IReadOnlyList<string>> ProblemsAsync(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(Balancer.Settings);
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return await Balancer.Factory.Create(new DriverSettings(settings)).CheckAsync(Wishes(), Token);
    }

    private async Task ReconfigureAsync(Func<string, string> change)
    {
        var file = HAProxy.Server.ConfigurationFile;
        await File.WriteAllTextAsync(file, change(await File.ReadAllTextAsync(file, Token)), Token);
        await HAProxy.Server.ReloadAsync(Token);
    }
}

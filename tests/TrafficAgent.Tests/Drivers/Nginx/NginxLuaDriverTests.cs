using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class NginxLuaDriverTests : TrafficDriverConformance
{
    private NginxTestBalancer Nginx => (NginxTestBalancer)Balancer;

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(100)]
    public async Task Probes_the_share_without_asking_Kong(int weightY)
    {
        await Driver.ApplyAsync(Record(1, 1, weightY), false, Token);

        var share = (await Driver.VerifyAsync(Record(1, 1, weightY), Token)).ShareY!.Value;

        Assert.InRange(share, (weightY / 100.0) - 0.2, (weightY / 100.0) + 0.2);
    }

    [Fact]
    public async Task Reports_the_share_of_the_requests_that_flow()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var flowing = Task.Run(
            async () =>
            {
                // Ever the same client: half of the keys, and all or none of the requests, are on Y.
                using var client = new RawClient(Balancer.FrontendPort);
                while (!enough.IsCancellationRequested)
                {
                    await client.SendAsync("one", CancellationToken.None);
                }
            },
            Token);

        var seen = await Driver.VerifyAsync(Record(1, 1, 50), Token);
        await enough.CancelAsync();
        await flowing;

        Assert.True(seen.ShareY is 0 or 1, $"{seen}");
    }

    [Fact]
    public async Task Nginx_itself_refuses_what_was_overtaken()
    {
        await Driver.ApplyAsync(Record(2, 3, 50), false, Token);

        using var older = await Nginx.WriteAsync(NginxMark.Write(Record(1, 9, 100)));
        using var earlier = await Nginx.WriteAsync(NginxMark.Write(Record(2, 2, 25)));
        using var unseen = await Nginx.WriteAsync(NginxMark.Write(Record(2, 4, 100)), ifMatch: "\"what-was-there-before\"");
        using var nonsense = await Nginx.WriteAsync("kum1 all of it");
        using var tooMuch = await Nginx.WriteAsync("101");

        Assert.Equal(
            [HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest],
            new[] { older, earlier, unseen, nonsense, tooMuch }.Select(static a => a.StatusCode));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 3, 50)));
    }

    [Fact]
    public async Task Of_many_writers_that_saw_the_same_state_one_wins()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);

        var outcomes = await Task.WhenAll(Enumerable.Range(2, 8).Select(async step =>
        {
            try
            {
                await Driver.ApplyAsync(Record(1, step, 10 + step), false, Token);
                return 0;
            }
            catch (StepFailedException exception) when (exception.Failure.Code is FailureCodes.StepSuperseded or FailureCodes.SplitForeign or FailureCodes.SplitNotInForce)
            {
                return 1;
            }
        }));

        // Whoever came last in, the highest step stands, and nothing older came after it.
        Assert.Contains(0, outcomes);
        var seen = await Driver.ReadAsync(Token);
        Assert.False(seen.Tampered);
        Assert.Equal(10 + seen.Record!.Step, seen.Split.WeightY);
        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(1, seen.Record.Step - 1, 11), false, Token));
    }

    [Fact]
    public async Task A_person_can_pull_the_brake_without_an_agent()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);

        using var answer = await Nginx.WriteAsync("0");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 100, Token));
        var seen = await Driver.ReadAsync(Token);
        Assert.True(seen is { Tampered: true, Split.WeightY: 0 }, seen.ToString());
    }

    [Fact]
    public async Task A_split_that_cannot_be_kept_is_refused_and_a_restore_is_not()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        Directory.CreateDirectory(Balancer.KeptFile + ".new"); // Where nginx would write; works as root too.

        var problems = await Driver.CheckAsync(Wishes(), Token);
        await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ApplyAsync(Record(1, 2, 75), false, Token));
        var unchanged = await Driver.ReadAsync(Token);
        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.RestoreAsync(Record(2, 0, 0), Token));

        Assert.Contains(problems, static p => p.Contains("507", StringComparison.Ordinal));
        Assert.True(unchanged.Is(Record(1, 1, 50)), unchanged.ToString());
        Assert.True(failure.IsTransient);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        Directory.Delete(Balancer.KeptFile + ".new");
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.Equal(NginxMark.Write(Record(2, 0, 0)) + "\n", await File.ReadAllTextAsync(Balancer.KeptFile, Token));
    }

    [Fact]
    public async Task Without_a_usable_state_file_all_traffic_starts_on_X()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        await Balancer.KillAsync();
        await File.WriteAllTextAsync(Balancer.KeptFile, "kum1 half a li", Token);
        await Balancer.StartAgainAsync();

        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 100, Token));
        Assert.Equal(TrafficSplit.AllOnX, (await Driver.ReadAsync(Token)).Split);
    }

    [Fact]
    public async Task A_reload_of_nginx_changes_nothing()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        Nginx.Server.Reload();

        await Driver.ApplyAsync(Record(1, 2, 75), false, Token);
        await Driver.VerifyAsync(Record(1, 2, 75), Token);
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await NginxTestBalancer.StartAsync(x, y, lua: true);
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

/// <summary>What a person has overridden is shown and does not count; everything else is judged on.</summary>
public sealed class Overridden
{
    [Fact]
    public void A_finding_is_still_shown_with_its_numbers_and_word()
    {
        var (before, after) = (Judge(60, Fault("orders")), Judge(60, Fault("orders"), "error-rate"));
        Assert.True(before.Verdict == Verdict.Failed, string.Join("\n", before.Findings));
        Assert.Equal(Verdict.Passed, after.Verdict);
        var shown = Assert.Single(after.Findings, static f => f.Indicator == "error-rate");
        Assert.Equal(Verdict.Failed, shown.Verdict);
        Assert.Equal(("ann", "a known fault of the service"), (shown.Override!.Actor, shown.Override.Reason));
        Assert.True(shown.ValueY > shown.ValueX + 1);
        Assert.Equal(TimeSpan.Zero, after.BreachFor);
    }

    [Fact]
    public void An_override_of_one_route_neither_hides_another_nor_lets_it_weigh_on_the_whole()
    {
        Assert.Equal(Verdict.Passed, Judge(60, Fault("orders"), "error-rate:orders").Verdict);
        Assert.Equal(Verdict.Failed, Judge(60, Fault("orders"), "error-rate:basket").Verdict);
        Assert.Equal(Verdict.Failed, Judge(60, Fault("basket"), "error-rate:orders").Verdict);

        var both = Judge(60, Fault("orders", "basket"), "error-rate:orders");
        Assert.Equal(Verdict.Failed, both.Verdict);
        Assert.Contains(both.Findings, static f => f is { Indicator: "error-rate", Verdict: Verdict.Failed, Override: null });
    }

    [Fact]
    public void Another_indicator_still_fails()
    {
        var judgement = Judge(60, static (route, second) => route == "orders" ? (0.2, 0.3) : (0, 0), "error-rate");
        Assert.Equal(Verdict.Failed, judgement.Verdict);
        Assert.Equal("status-404", judgement.Findings[0].Indicator);
    }

    [Theory]
    [InlineData("error-ceiling")]
    [InlineData("ready-nodes")]
    public void A_hard_stop_counts_whatever_is_overridden(string indicator)
    {
        var judgement = Judge(60, static (_, _) => (0.6, 0), "error-rate", indicator);
        Assert.Equal(Verdict.Failed, judgement.Verdict);
        Assert.Equal("error-ceiling", judgement.Findings[0].Indicator);
        Assert.Null(judgement.Findings[0].Override);
    }

    [Fact]
    public void Overrides_of_what_is_well_change_nothing()
    {
        var judgement = Judge(60, static (_, _) => (0, 0), "error-rate", "status-404", "latency");
        Assert.Equal(Verdict.Passed, judgement.Verdict);
        Assert.All(judgement.Findings, static f => Assert.Null(f.Override));
    }

    [Fact]
    public void What_was_never_measured_is_not_passed_by_an_override()
    {
        var watch = new TrafficWatch(Specs.Watch(50, minimumRequests: 100_000) with { Overrides = [.. new[] { "error-rate", "latency", "sample-size", "visibility" }.Select(Word)] }, null);
        Assert.Equal(Verdict.Inconclusive, Run(watch, 1, 60, static (_, _) => (0, 0)).Verdict);
    }

    [Fact]
    public void After_the_point_of_no_return_later_findings_are_told_too()
    {
        var watch = new TrafficWatch(Specs.Watch(100, WatchPurpose.After), Reference());
        var faulty = Run(watch, 1, 30, static (_, _) => (0.5, 0));
        Assert.Equal(Verdict.Failed, faulty.Verdict);
        Assert.Contains(faulty.Findings, static f => f is { Indicator: "error-ceiling", Verdict: Verdict.Failed });

        var later = Run(watch, 31, 30, static (_, _) => (0, 0.5));
        Assert.Contains(later.Findings, static f => f is { Indicator: "error-ceiling", Verdict: Verdict.Passed });
        Assert.Contains(later.Findings, static f => f is { Indicator: "status-404", Verdict: Verdict.Failed });
    }

    private static Func<string, int, (double Errors, double NotFound)> Fault(params string[] routes) => (route, _) => routes.Contains(route) ? (0.2, 0) : (0, 0);

    private static Reference Reference() => new(Tally(1_000, static (_, _) => (0, 0), 0), TimeSpan.FromSeconds(60), 0);

    private static Judgement Judge(int seconds, Func<string, int, (double Errors, double NotFound)> faults, params string[] overrides)
    {
        var watch = new TrafficWatch(Specs.Watch(50) with { Overrides = [.. overrides.Select(Word)] }, null);
        return Run(watch, 1, seconds, faults);
    }

    private static Judgement Run(TrafficWatch watch, int first, int seconds, Func<string, int, (double Errors, double NotFound)> faults)
    {
        for (var second = first; second < first + seconds; second++)
        {
            watch.Judge(Tick(second, faults));
        }

        return watch.Judgement!;
    }

    private static VerdictOverride Word(string finding) =>
        new() { Finding = FindingRef.Parse(finding)!, Reason = "a known fault of the service", Actor = "ann", At = DateTimeOffset.UnixEpoch };

    private static WatchTick Tick(int second, Func<string, int, (double Errors, double NotFound)> faults) => new(
        TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(1), new SideMoment([Node("2.8.5", second)], Tally(20, static (_, _) => (0, 0), second)), new SideMoment([Node("3.4.2", second)], Tally(20, faults, second)));

    private static NodeState Node(string version, int second) =>
        new() { Name = "n1", ReadAt = TimeSpan.FromSeconds(second), Ready = true, DatabaseReachable = true, Families = (MetricFamilies)1023, Version = version };

    // Every route has as many requests each second; shares become whole requests by carrying the rest over.
    private static TrafficTally Tally(int requests, Func<string, int, (double Errors, double NotFound)> faults, int second)
    {
        var tally = new TrafficTally();
        foreach (var route in new[] { "orders", "basket", "search", "login", "help" })
        {
            var (errors, notFound) = faults(route, second);
            var (bad, unknown) = (Whole(errors), Whole(notFound));
            tally.AddRequests(new RouteCode("shop", route, 500), bad);
            tally.AddRequests(new RouteCode("shop", route, 404), unknown);
            tally.AddRequests(new RouteCode("shop", route, 200), requests - bad - unknown);
            var latency = new RouteLatency();
            latency.Observe(LatencyKind.Kong, 5);
            latency.Observe(LatencyKind.Upstream, 20);
            latency.Observe(LatencyKind.Request, 25);
            tally.AddLatency(new RouteKey("shop", route), latency, requests);
            tally.AddLatency(new LatencyTotal(requests * 25, requests), new LatencyTotal(requests * 20, requests));
            tally.AddNginx(requests, 0);
        }

        return tally;

        double Whole(double share) => Math.Floor(share * requests * (second + 1)) - Math.Floor(share * requests * second);
    }
}

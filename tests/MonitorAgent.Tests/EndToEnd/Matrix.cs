namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>Every fault of the lab and every innocent disturbance, and what the judge must make of each.</summary>
internal static class Matrix
{
    private static readonly TimeSpan SlowUpstream = TimeSpan.FromMilliseconds(400);
    private const double LimitedPerSecond = 40;

    /// <summary>All rows.</summary>
    public static IReadOnlyList<Case> Rows { get; } =
    [
        new()
        {
            Name = "Y answers 5xx on one route",
            Scene = "answers",
            Disturb = OnY($$"""{"errorRate": 0.4, "errorRoutes": ["{{BenchConfiguration.CatalogRoute}}"]}"""),
            Expected = Expectation.Failed,
            Indicator = "error-rate",
            Reason = "5xx on Y",
        },
        new()
        {
            Name = "Y is slow by itself",
            Scene = "answers",
            Disturb = OnY("""{"latencyMs": 300}"""),
            Expected = Expectation.Failed,
            Indicator = "latency",
            Along = ["latency-total"],
            Reason = "Kong adds",
        },
        new()
        {
            Name = "Y lost a route",
            Scene = "answers",
            Disturb = OnY($$"""{"lostRoutes": ["{{BenchConfiguration.CatalogRoute}}"]}"""),
            Expected = Expectation.Failed,
            Indicator = "unmatched",
            Reason = "without a route on Y",
        },
        new()
        {
            Name = "Y refuses valid keys",
            Scene = "credentials",
            Disturb = OnY("""{"rejectedKeys": 1}"""),
            Expected = Expectation.Failed,
            Indicator = "status-401",
            Reason = "401 on Y",
        },
        new()
        {
            Name = "The metrics of Y are gone",
            Scene = "credentials",
            Disturb = OnY("""{"metricsGone": true}"""),
            Expected = Expectation.Blind,
            Indicator = "visibility",
            Reason = "status_code_metrics",
        },
        new()
        {
            Name = "Y leaks memory",
            Scene = "credentials",
            Disturb = OnY("""{"leakedBytesPerSecond": 4000000}"""),
            Expected = Expectation.Reported,
            Indicator = "memory",
            Reason = "Memory of the workers",
        },
        new()
        {
            Name = "The sick node of Y is named",
            Scene = "sick node, named",
            OnWholeClusters = true,
            Disturb = static (place, cancellationToken) => place.Y[1].FailAsync("""{"errorRate": 0.3}""", cancellationToken),
            Expected = Expectation.Failed,
            Indicator = "error-rate",
            Culprits = ["y-2"],
        },
        new()
        {
            Name = "One node of Y's three is sick",
            Scene = "sick node",
            OnWholeClusters = true,
            Disturb = static (place, cancellationToken) => place.Y[1].FailAsync("""{"errorRate": 0.3}""", cancellationToken),
            Expected = Expectation.Failed,
            Indicator = "error-rate",
            Reason = "5xx on Y",
        },
        new()
        {
            Name = "A node of Y crashes and is started again",
            Scene = "crash on Y",
            OnWholeClusters = true,
            MidWatch = true,
            // It stays away until it was missed: between two readings it might be back.
            Disturb = static (place, cancellationToken) => place.Y[1].KillAsync(cancellationToken),
            Recover = static (place, cancellationToken) => place.Y[1].StartAsync(cancellationToken),
            Expected = Expectation.Reported,
            Indicator = "ready-nodes",
            Reason = "2 of 3 nodes of cluster Y",
            Culprits = ["y-2"],
        },
        new()
        {
            Name = "A node of X crashes and is started again",
            Scene = "crash on X",
            OnWholeClusters = true,
            MidWatch = true,
            Disturb = static (place, cancellationToken) => CrashAsync(place.X[1], cancellationToken),
            Expected = Expectation.Innocent,
        },
        new()
        {
            Name = "The counters of X begin anew",
            Scene = "counters and load",
            MidWatch = true,
            Disturb = static (place, cancellationToken) => ResetCountersAsync(place.X[0], cancellationToken),
            Expected = Expectation.Innocent,
        },
        new()
        {
            Name = "The counters of Y begin anew",
            Scene = "counters and load",
            MidWatch = true,
            Disturb = static (place, cancellationToken) => ResetCountersAsync(place.Y[0], cancellationToken),
            Expected = Expectation.Innocent,
        },
        new()
        {
            Name = "The clients send twice as much",
            Scene = "counters and load",
            MidWatch = true,
            Disturb = static (place, _) =>
            {
                place.Bench.Clients.SendExtra(BenchLimits.RatePerSecond);
                return Task.CompletedTask;
            },
            Proof = static place => Assert.True(place.Bench.Clients.AnsweredExtra > BenchLimits.RatePerSecond),
            Expected = Expectation.Innocent,
        },
        new()
        {
            Name = "The upstream services of both are slow",
            Scene = "upstream",
            OnWholeClusters = true,
            MidWatch = true,
            Disturb = static (place, _) =>
            {
                place.Bench.Upstream.Latency = SlowUpstream;
                return Task.CompletedTask;
            },
            Proof = static place => Assert.All((string[])["x", "y"], side => Assert.True(place.Bench.Clients.CountSlow(side, SlowUpstream) > 50)),
            Expected = Expectation.Innocent,
        },
        new()
        {
            Name = "The split makes Y's rate limit refuse more than X's",
            Scene = "limits",
            OnWholeClusters = true,
            WeightY = 75,
            MidWatch = true,
            Disturb = static (place, _) =>
            {
                place.Bench.Clients.SendLimited(LimitedPerSecond);
                return Task.CompletedTask;
            },
            Proof = static place => Assert.True(place.Bench.Clients.Count("y", 429) > 20 + (2 * place.Bench.Clients.Count("x", 429))),
            Expected = Expectation.Innocent,
        },
    ];

    private static Func<Place, CancellationToken, Task> OnY(string plan) => (place, cancellationToken) => Task.WhenAll(place.Y.Select(n => n.FailAsync(plan, cancellationToken)));

    private static async Task CrashAsync(BenchNode node, CancellationToken cancellationToken)
    {
        var before = await node.CountedAsync(cancellationToken);
        await node.KillAsync(cancellationToken);
        await node.StartAsync(cancellationToken);
        Assert.True(await node.CountedAsync(cancellationToken) < before);
    }

    private static async Task ResetCountersAsync(BenchNode node, CancellationToken cancellationToken)
    {
        var before = await node.CountedAsync(cancellationToken);
        await node.FailAsync("""{"countersReset": true}""", cancellationToken);
        Assert.True(await node.CountedAsync(cancellationToken) < before);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>Ten steps under POSTs of clients that never retry; tests/Benchmarks has fifty.</summary>
public sealed class NginxShiftUnderLoadTests
{
    private const int RequestsPerStep = 150;
    private static readonly int[] Steps = [1, 5, 10, 20, 30, 45, 60, 75, 90, 100];

    [Fact]
    public async Task No_request_fails_and_no_client_moves_back_with_Lua()
    {
        var (report, _) = await ShiftAsync(lua: true);

        Assert.Empty(report.Failures);
        Assert.Empty(report.MovedBack);
        Assert.Equal(0, report.Failed);
    }

    [Fact]
    public async Task Reloads_lose_no_more_than_the_plan_says()
    {
        var promised = Steps.Length * NginxReloadCost.MeasuredMost;
        var (report, limits) = await ShiftAsync(lua: false);

        // A worker that the machine has stalled closes on everything that was sent to it meanwhile. Reloads that lose more by themselves lose it every time.
        for (var again = 0; again < 2 && report.Failed > promised; again++)
        {
            (report, limits) = await ShiftAsync(lua: false);
        }

        Assert.Contains(limits, l => l.Contains($"{Steps.Length} steps: {Steps.Length} to {promised} ", StringComparison.Ordinal));
        Assert.True(report.Failed <= promised, $"{report.Failed} of {report.Total} failed: {string.Join("; ", report.Failures.Select(static f => f.Reason).Distinct())}");
    }

    private static async Task<(LoadReport Report, IReadOnlyList<string> Limits)> ShiftAsync(bool lua)
    {
        var token = TestContext.Current.CancellationToken;
        await using var x = await EchoBackend.StartAsync("x");
        await using var y = await EchoBackend.StartAsync("y");
        await using var nginx = await NginxTestBalancer.StartAsync(x, y, lua);
        var driver = nginx.Factory.Create(new DriverSettings(nginx.Settings));
        Assert.Empty(await driver.CheckAsync(new TrafficSpec { Driver = "nginx", Settings = nginx.Settings, Steps = Steps }, token));
        await using var load = new LoadGenerator(
            new LoadOptions
            {
                Target = new Uri($"http://127.0.0.1:{nginx.FrontendPort}"),
                Clients = [.. Enumerable.Range(0, 200).Select(static n => new LoadClient($"consumer-{n}", new Dictionary<string, string> { ["apikey"] = $"consumer-{n}" }))],
                Requests = [new LoadRequest { Method = "POST", Path = "/echo", Body = "hi" }],
                RatePerSecond = 400,
                MaximumInFlight = 32, // So many connections at most.
            },
            TimeProvider.System);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(token);
        var running = load.RunAsync(null, enough.Token);
        var upgrade = Guid.NewGuid();
        for (var step = 0; step < Steps.Length; step++)
        {
            await driver.ApplyAsync(new TrafficRecord { UpgradeId = upgrade, Epoch = 1, Step = step + 1, Split = new TrafficSplit { WeightY = Steps[step] } }, false, token);
            var until = load.Report().Total + RequestsPerStep;
            await Eventually.ReachesAsync($"{RequestsPerStep} requests after step {step + 1}", () => Task.FromResult(load.Report().Total), total => total >= until, cancellationToken: token);
        }

        await enough.CancelAsync();
        var report = await running;
        Assert.True(report.RequestsX > 0 && report.RequestsY > 0, $"{report.RequestsX} on X, {report.RequestsY} on Y");
        return (report, driver.Limits);
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class ProbesOverRealHttp : IAsyncDisposable
{
    private readonly WatchBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_probe_that_fails_on_y_alone_fails_the_step()
    {
        await File.WriteAllTextAsync(KeyFile, "a-secret\n", TestContext.Current.CancellationToken);
        await using var x = await KongNode.StartAsync(is3: false, rate: 200);
        await using var y = await KongNode.StartAsync(is3: true, rate: 200);
        _ = Run(x, y);
        await SaysAsync(Verdict.Passed, "Probe shop is answered 200.");
        Assert.Equal(("a-secret", "a-secret"), (x.Key, y.Key));
        y.ProxyStatus = 401;
        await SaysAsync(Verdict.Failed, "Probe shop failed [0-9]+ times in a row on Y and held on X: n1 answers 401, expected 200\\.");
        Assert.All(Findings().Where(static f => f.Verdict == Verdict.Failed), static f => Assert.True(int.Parse(f.Message.Split(' ')[3], CultureInfo.InvariantCulture) >= 3, f.Message));
        Assert.DoesNotContain(Findings(), static f => f.Message.Contains("a-secret", StringComparison.Ordinal));
        Assert.Equal(Verdict.Failed, Assert.IsType<VerdictReached>(await _bench.EndAsync()).Verdict);
    }

    [Fact]
    public async Task A_probe_that_fails_on_both_is_a_shared_cause()
    {
        await File.WriteAllTextAsync(KeyFile, "a-secret\n", TestContext.Current.CancellationToken);
        await using var x = await KongNode.StartAsync(is3: false, rate: 200);
        await using var y = await KongNode.StartAsync(is3: true, rate: 200);
        (x.ProxyStatus, y.ProxyStatus) = (503, 503);
        _ = Run(x, y);
        await SaysAsync(Verdict.Inconclusive, "Probe shop fails on both clusters, a shared cause: on Y n1 answers 503, on X n1 answers 503, expected 200.");
        (y.ProxyStatus, x.ProxyStatus) = (200, 200); // In this order: at no moment Y alone is sick.
        await SaysAsync(Verdict.Passed, "Probe shop is answered 200.");
        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict == Verdict.Failed);
        await _bench.EndAsync();
    }

    [Fact]
    public async Task A_secret_that_is_not_there_fails_the_watch_and_says_which()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 200);
        await using var y = await KongNode.StartAsync(is3: true, rate: 200);
        var exception = await Assert.ThrowsAsync<StepFailedException>(() => Run(x, y));
        Assert.Equal(FailureCodes.SecretNotFound, exception.Failure.Code);
    }

    private string KeyFile => Path.Combine(_bench.Root, "key");

    private Task<string> SaysAsync(Verdict verdict, string message) => Eventually.ReachesAsync(
        $"{verdict}: {message}",
        () => Task.FromResult(string.Join("; ", _bench.Verdicts.TakeLast(1).SelectMany(static v => v.Findings).Select(static f => $"{f.Verdict} {f.Message}"))),
        _ => Findings().Any(f => f.Verdict == verdict && Regex.IsMatch(f.Message, $"^{message}$")));

    private IEnumerable<VerdictFinding> Findings() => _bench.Verdicts.SelectMany(static v => v.Findings);

    private Task<IStepEvent> Run(KongNode x, KongNode y)
    {
        var monitor = new MonitorSpec
        {
            ScrapeInterval = TimeSpan.FromMilliseconds(250),
            Window = TimeSpan.FromSeconds(4),
            BlindAfter = TimeSpan.FromSeconds(30),
            Probes =
            [
                new ProbeSpec
                {
                    Name = "shop", Path = "/shop", Headers = new Dictionary<string, string> { ["apikey"] = $"file:{KeyFile}" }, Interval = TimeSpan.FromMilliseconds(250),
                    Timeout = TimeSpan.FromSeconds(20),
                },
            ],
        };
        return _bench.Run(Specs.Watch(50, WatchPurpose.Step, monitor, [x.Spec], [y.Spec]));
    }
}

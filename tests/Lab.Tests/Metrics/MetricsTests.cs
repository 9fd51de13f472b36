using System.Net.Http.Json;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Metrics;

/// <summary>Names, types, labels and bounds of the metrics page of each release.</summary>
public sealed partial class MetricsTests(LabFixture lab)
{
    // Of a memory area or a worker that the stand-in has none of.
    private static readonly HashSet<string> Allowed = ["kong_upstream_target_health"];

    [Fact]
    public async Task Of_2_8_is_described_as_recorded()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await Demonstration.StartAsync(lab, "2.8.5", upstream);
        await kong.PostAsync("/plugins", new { name = "prometheus" });
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", ("apikey", "alice-key")));
        Assert.Equal(401, await kong.ProxyStatusAsync("/orders"));
        Assert.Equal(404, await kong.ProxyStatusAsync("/nowhere"));
        await kong.CountsAsync(1, "kong_http_status{service=\"orders\",route=\"orders\",code=\"200\"}");
        await kong.CountsAsync(1, "kong_http_status{service=\"orders\",route=\"orders\",code=\"401\"}");
        var recorded = await File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "2.8.5/metrics/status-api-metrics.txt"), TestContext.Current.CancellationToken);
        Compare(recorded, await kong.MetricsAsync());
        Assert.Equal(0, await kong.SampleAsync("kong_http_status{service=\"orders\",route=\"orders\",code=\"404\"}"));
    }

    [Fact]
    public async Task Of_3_4_counts_traffic_only_when_told_to()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await Demonstration.StartAsync(lab, "3.4.2", upstream);
        var plugin = await kong.PostAsync("/plugins", new { name = "prometheus" });
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", ("apikey", "alice-key")));
        var defaults = await File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "3.4.2/metrics/status-api-metrics.defaults-after-upgrade.txt"), TestContext.Current.CancellationToken);
        Compare(defaults, await kong.MetricsAsync());

        using var patch = await kong.Admin.PatchAsJsonAsync(
            $"/plugins/{plugin["id"]}",
            new { config = new { status_code_metrics = true, latency_metrics = true, bandwidth_metrics = true, upstream_health_metrics = true, per_consumer = true } },
            TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)patch.StatusCode);
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", ("apikey", "alice-key")));
        Assert.Equal(401, await kong.ProxyStatusAsync("/orders"));
        await kong.CountsAsync(1, "kong_http_requests_total{service=\"orders\",route=\"orders\",code=\"200\",source=\"service\",consumer=\"alice\"}");
        await kong.CountsAsync(1, "kong_http_requests_total{service=\"orders\",route=\"orders\",code=\"401\",source=\"kong\",consumer=\"\"}");
        var all = await File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "3.4.2/metrics/status-api-metrics.all-enabled.txt"), TestContext.Current.CancellationToken);
        Compare(all, await kong.MetricsAsync());
    }

    private static void Compare(string recorded, string actual)
    {
        Assert.Equal(Descriptions(recorded), Descriptions(actual));
        var (wanted, found) = (Labels(recorded), Labels(actual));
        foreach (var (name, labels) in wanted.Where(n => !Allowed.Contains(n.Key)))
        {
            Assert.Equal([name, labels], [name, found.GetValueOrDefault(name, "missing")]);
        }

        Assert.Subset(Bounds(recorded), Bounds(actual));
    }

    private static List<string> Descriptions(string page) => [.. page.Split('\n').Where(l => l.StartsWith('#') && !Allowed.Any(a => l.Contains(a, StringComparison.Ordinal))).Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> Labels(string page) => page.Split('\n').Select(l => Sample().Match(l)).Where(m => m.Success)
        .GroupBy(m => m.Groups[1].Value)
        .ToDictionary(g => g.Key, g => string.Join(',', Label().Matches(g.First().Groups[2].Value).Select(l => l.Groups[1].Value)));

    private static HashSet<string> Bounds(string page) =>
        [.. Sample().Matches(page).Where(m => m.Groups[1].Value.EndsWith("_bucket", StringComparison.Ordinal)).Select(m => m.Groups[1].Value + Bound().Match(m.Value).Value)];

    [GeneratedRegex(@"^(kong_\w+)(?:\{(.*)\})? \S+$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Sample();

    [GeneratedRegex(@"(\w+)=""", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"le=""[^""]+""", RegexOptions.CultureInvariant)]
    private static partial Regex Bound();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.Judging;

/// <summary><c>kum judge</c> as the process that a person starts, on nodes that answer over real HTTP: no bus, no coordinator, no database is there.</summary>
public sealed class JudgeByHand : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-judge-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Passes_healthy_clusters_and_judges_their_recording_again()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 400);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        var (spec, recording) = (await SpecAsync(x, y), Path.Combine(_directory, "watch.ndjson"));

        var live = await RunAsync("judge", "--spec", spec, "--for", "8s", "--weight", "20", "--record", recording);
        Assert.True(live.ExitCode == 0, live.Output + live.Error);
        Assert.Contains("Verdict: Passed", live.Output);
        Assert.Contains("error-rate", live.Output);

        var again = await RunAsync("judge", "--replay", recording);
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.Contains("shop, watch-judge of upgrade", again.Output);

        var strict = await RunAsync("judge", "--replay", recording, "--spec", await SpecAsync(x, y, minimumRequests: 1_000_000), "-o", "json");
        Assert.Equal(3, strict.ExitCode);
        var lines = strict.Output.TrimEnd().Split('\n').Select(static l => JsonDocument.Parse(l).RootElement).ToList();
        var end = lines[^1];
        Assert.Equal(("end", "inconclusive"), (end.GetProperty("type").GetString(), end.GetProperty("verdict").GetString()));
        Assert.Contains("passed", end.GetProperty("recorded").EnumerateArray().Select(static v => v.GetProperty("verdict").GetString()));
        Assert.Contains(end.GetProperty("findings").EnumerateArray(), static f => f.GetProperty("indicator").GetString() == "sample-size" && f.GetProperty("verdict").GetString() == "inconclusive");

        var refused = await RunAsync("judge", "--spec", spec, "--record", recording);
        Assert.Equal(6, refused.ExitCode);
        Assert.Contains("recordings are not overwritten", refused.Error);
    }

    [Fact]
    public async Task Ends_with_the_first_failed_verdict()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 200);
        await using var y = await KongNode.StartAsync(is3: true, rate: 200);
        y.Errors = 0.15;

        var result = await RunAsync("judge", "--spec", await SpecAsync(x, y), "--for", "1h", "-o", "json");

        Assert.True(result.ExitCode == 1, result.Output + result.Error);
        var lines = result.Output.TrimEnd().Split('\n').Select(static l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal("error-rate", lines[^1].GetProperty("findings")[0].GetProperty("indicator").GetString());
        Assert.All(lines[..^1], static l => Assert.Equal("interval", l.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Says_that_it_could_not_measure()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        y.Instead = "<html></html>\n";

        var result = await RunAsync("judge", "--spec", await SpecAsync(x, y, blindAfter: "1s"), "--for", "6s");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("visibility", result.Output);
    }

    [Fact]
    public async Task Lists_everything_that_is_wrong_with_spec_and_recording()
    {
        var spec = Path.Combine(_directory, "wrong.yaml");
        await File.WriteAllTextAsync(spec, "cluster: shop\nmonitor: { window: 5, latencyRatio: 0 }\n", Token);
        var result = await RunAsync("judge", "--replay", "/nowhere/watch.ndjson", "--spec", spec);
        Assert.Equal(6, result.ExitCode);
        Assert.All(["monitor.window", "monitor.latencyRatio", "from", "/nowhere/watch.ndjson cannot be read"], part => Assert.Contains(part, result.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("say what is to be judged")]
    [InlineData("--for must be a duration", "--spec", "x", "--for", "5")]
    [InlineData("--weight must be 0 to 100", "--spec", "x", "--weight", "101")]
    [InlineData("--weight means nothing with --replay", "--replay", "x", "--weight", "50")]
    public async Task Says_what_is_wrong_with_the_command_line(string because, params string[] arguments)
    {
        var result = await RunAsync(["judge", .. arguments]);
        Assert.Equal(64, result.ExitCode);
        Assert.Contains(because, result.Error);
    }

    private static Task<ProgramResult> RunAsync(params string[] arguments) => new ProgramRunner(TimeProvider.System).RunAsync(
        new ProgramCall { File = "dotnet", Arguments = [typeof(MonitorAgentModule).Assembly.Location, .. arguments], Timeout = TimeSpan.FromMinutes(3) }, Token);

    private async Task<string> SpecAsync(KongNode x, KongNode y, int minimumRequests = 50, string blindAfter = "30s")
    {
        var spec = JsonNode.Parse(SpecText.For("shop", $$""" "monitor": { "scrapeInterval": "250ms", "window": "4s", "blindAfter": "{{blindAfter}}" } """))!;
        spec["from"]!["nodes"]![0]!["status"] = x.Spec.Status!.ToString();
        spec["to"]!["nodes"]![0]!["status"] = y.Spec.Status!.ToString();
        spec["traffic"]!["minimumRequests"] = minimumRequests;
        var path = Path.Combine(_directory, $"spec-{minimumRequests}.json");
        await File.WriteAllTextAsync(path, spec.ToJsonString(), Token);
        return path;
    }
}

using System.Reflection;
using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Judging;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Recordings;

public sealed class RecordedWatches : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-recordings-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(100)]
    public async Task Replayed_with_the_same_thresholds_every_second_is_judged_as_it_was(int weightY)
    {
        var judgements = new List<Judgement>();
        await RecordAsync(weightY, 90, weightY == 0 ? null : Reference(), judgements.Add);
        var recording = await Recording.ReadAsync(Assert.Single(Files()), Token);

        Assert.Equal(judgements.Count, recording.Intervals.Count);
        var watch = new TrafficWatch(recording.Header.ToCommand(), recording.Header.Reference);
        foreach (var ((tick, verdict), judgement) in recording.Intervals.Zip(judgements))
        {
            var again = watch.Judge(tick);
            Assert.Equal((judgement.Verdict, judgement.Verdict), (verdict, again.Verdict));
            Assert.Equal(judgement.Findings, again.Findings);
        }
    }

    [Fact]
    public async Task Replayed_with_other_thresholds_another_verdict_falls()
    {
        await RecordAsync(20, 120, null, null, errors: 0.04);
        var recording = await Recording.ReadAsync(Assert.Single(Files()), Token);

        var same = Replay.Of(recording, null);
        Assert.Equal(Verdict.Failed, same.Verdict);
        Assert.Equal(same.Then.Select(static v => (v.At, v.Verdict)), same.Now.Select(static v => (v.At, v.Verdict)));
        Assert.Contains(same.Now[^1].Evidence!.Findings, static f => f is { Indicator: "error-rate", Verdict: Verdict.Failed });

        var spec = Specs.Watch(20, monitor: new MonitorSpec { ErrorRateFloor = 60, ErrorRatePoints = 60 }).Spec;
        var tolerant = Replay.Of(recording, spec);
        Assert.Equal(Verdict.Passed, tolerant.Verdict);
        Assert.Equal(same.Then.Select(static v => v.Verdict), tolerant.Then.Select(static v => v.Verdict));
    }

    [Fact]
    public async Task Holds_no_address_no_database_and_no_setting_of_the_spec()
    {
        var command = Specs.Watch(20) with { Spec = Specs.Watch(20).Spec with { Traffic = new TrafficSpec { Driver = "exec", Settings = new Dictionary<string, string> { ["token"] = "S3cret" } } } };
        await RecordAsync(20, 5, null, null, command: command);
        var text = await File.ReadAllTextAsync(Assert.Single(Files()), Token);
        Assert.All(["127.0.0.1", "kong\"", "S3cret", "exec", "/var/lib/kong"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        var lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.All(lines, static l => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(l).RootElement.ValueKind));
        Assert.Equal(1, JsonDocument.Parse(lines[0]).RootElement.GetProperty("header").GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task A_long_watch_goes_on_in_another_file_and_the_oldest_make_room()
    {
        var options = new RecordingOptions { FileMebibytes = 1, TotalMebibytes = 3 };
        for (var run = 0; run < 3; run++)
        {
            await RecordAsync(20, 60, null, null, options: options, nodes: 200, start: new DateTimeOffset(2026, 1, 1, run, 0, 0, TimeSpan.Zero));
        }

        var files = Files();
        Assert.InRange(files.Sum(static f => new FileInfo(f).Length), 1024 * 1024, 3.3 * 1024 * 1024);
        Assert.DoesNotContain(files, static f => f.Contains("20260101T000000", StringComparison.Ordinal));
        var last = await Recording.ReadAsync(files[^1], Token);
        Assert.True(last.Header.Part > 1);
        Assert.NotNull(last.Header.Reference);
        Assert.NotEqual(Verdict.Failed, Replay.Of(last, null).Verdict);
    }

    [Fact]
    public async Task A_disk_that_refuses_costs_the_recording_and_not_the_watch()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "file"), "", Token);
        var recorder = new DirectoryRecorder(Path.Combine(_directory, "file", "below"), new RecordingOptions(), TimeProvider.System, NullLogger<DirectoryRecorder>.Instance);
        var judgements = new List<Judgement>();
        await RecordAsync(20, 300, null, judgements.Add, recorder: recorder);
        Assert.Equal(300, judgements.Count);
    }

    [Fact]
    public async Task A_line_that_was_cut_off_at_the_end_is_left_out()
    {
        await RecordAsync(20, 10, null, null);
        var path = Assert.Single(Files());
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Token))[..^40], Token);
        var recording = await Recording.ReadAsync(path, Token);
        Assert.True(recording.IsTorn);
        Assert.Equal(9, recording.Intervals.Count);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        await RecordAsync(20, 6, null, null);
        var path = Assert.Single(Files());
        var lines = await File.ReadAllLinesAsync(path, Token);
        lines[0] = lines[0].Replace("\"version\":1", "\"version\":7", StringComparison.Ordinal);
        lines[2] = "<html>";
        lines[3] = "{\"interval\":{}}";
        (lines[4], lines[5]) = (lines[5], lines[4]);
        await File.WriteAllLinesAsync(path, lines, Token);

        var exception = await Assert.ThrowsAsync<RecordingException>(() => Recording.ReadAsync(path, Token));
        Assert.Equal(4, exception.Problems.Count);
        Assert.Equal(["version 7", "line 3", "line 4", "line 6"], new[] { "version 7", "line 3", "line 4", "line 6" }.Where((p, i) => exception.Problems[i].Contains(p, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("null", "not the header")]
    [InlineData("[]", "not the header")]
    [InlineData("{\"header\":{\"version\":1}}", "not the header")]
    [InlineData("{\"header\":{\"version\":\"x\"}}", "not the header")]
    public async Task What_is_no_recording_is_refused(string text, string because)
    {
        var path = Path.Combine(_directory, "wrong.ndjson");
        await File.WriteAllTextAsync(path, text, Token);
        Assert.Contains(because, (await Assert.ThrowsAsync<RecordingException>(() => Recording.ReadAsync(path, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_a_tally_is_left_out()
    {
        // A new part of a tally that is not recorded would make a replay judge something else.
        string[] recorded = ["Requests", "Latencies", "RequestLatency", "UpstreamLatency", "NginxRequests", "MetricErrors"];
        string[] derived = ["Total", "Unmatched", "OwnLatency", "MeanLatency"];
        Assert.Equal([.. recorded.Concat(derived).Order()], typeof(TrafficTally).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(static p => p.Name).Order());

        var tally = new TrafficTally();
        tally.AddRequests(new RouteCode("s", "r", 200), 3);
        tally.AddRequests(new RouteCode("s", "", 0), 0.5);
        tally.AddRequests(new RouteCode("s", "r", 502, AnswerOrigin.Gateway), 2);
        tally.AddLatency(new LatencyTotal(30, 3), new LatencyTotal(20, 2));
        var latency = new RouteLatency();
        latency.Observe(LatencyKind.Request, 12);
        tally.AddLatency(new RouteKey("s", "r"), latency);
        tally.AddNginx(-4, 1);
        var again = JsonSerializer.Deserialize<TrafficTally>(JsonSerializer.Serialize(tally, RecordingFormat.Json), RecordingFormat.Json)!;
        Assert.Equal(tally.Requests, again.Requests);
        Assert.Equal(latency.Values, Assert.Single(again.Latencies).Value.Values);
        Assert.True(again.Latencies[new RouteKey("s", "r")].HasBuckets);
        Assert.Equal((tally.Total, tally.RequestLatency, tally.UpstreamLatency, -4.0, 1.0), (again.Total, again.RequestLatency, again.UpstreamLatency, again.NginxRequests, again.MetricErrors));
    }

    private static Reference Reference()
    {
        var x = new TrafficTally();
        x.AddRequests(new RouteCode("s", "r0", 200), 6_000);
        x.AddLatency(new LatencyTotal(150_000, 6_000), new LatencyTotal(120_000, 6_000));
        x.AddNginx(6_000, 0);
        return new Reference(x, TimeSpan.FromMinutes(1), 0.5) { Scatters = new Dictionary<string, Scatter> { ["error-rate"] = new(3, 2) } };
    }

    private string[] Files() => [.. Directory.GetFiles(_directory, "*.ndjson").Order(StringComparer.Ordinal)];

    private async Task RecordAsync(
        int weightY,
        int seconds,
        Reference? reference,
        Action<Judgement>? each,
        double errors = 0,
        RecordingOptions? options = null,
        int nodes = 1,
        DateTimeOffset? start = null,
        WatchTraffic? command = null,
        DirectoryRecorder? recorder = null)
    {
        var (x, y) = (new SimulatedCluster("2.8.5", 11) { Rate = 100 - weightY }, new SimulatedCluster("3.4.2", 12) { Rate = weightY });
        y.Codes[500] = errors;
        command ??= Specs.Watch(
            weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step,
            from: [Specs.Node("n1", 1), .. Enumerable.Range(2, nodes - 1).Select(static n => Specs.Node($"n{n}", n))]);
        var watch = new TrafficWatch(command, reference);
        await using var recording = (recorder ?? new DirectoryRecorder(_directory, options ?? new RecordingOptions(), new At(start ?? TimeProvider.System.GetUtcNow()), NullLogger<DirectoryRecorder>.Instance))
            .Begin(command, reference);
        for (var second = 1; second <= seconds; second++)
        {
            var at = TimeSpan.FromSeconds(second);
            var readingX = x.Pass(1);
            foreach (var node in command.Spec.From.Nodes)
            {
                watch.Record(ClusterSide.X, readingX with { Node = node.Name, Sample = node.Name == "n1" ? readingX.Sample : null }, at);
            }

            watch.Record(ClusterSide.Y, y.Pass(1), at);
            var judgement = watch.Judge(at);
            each?.Invoke(judgement);
            recording.Add(watch);
            while (((WatchRecording)recording).IsBehind)
            {
                await Task.Yield(); // A simulated second is over sooner than the disk can write.
            }
        }
    }

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

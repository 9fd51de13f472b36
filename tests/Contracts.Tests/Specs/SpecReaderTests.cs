using System.Text.Json;
using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Contracts.Tests.Specs;

public sealed class SpecReaderTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    [Fact]
    public void Reads_back_every_field_that_a_spec_has()
    {
        var written = JsonSerializer.Serialize(Full(), Json);
        var reading = SpecReader.Read(JsonElement.Parse(written));

        Assert.Empty(reading.Problems);
        Assert.Equal(written, JsonSerializer.Serialize(reading.Spec, Json));
    }

    [Fact]
    public void Gives_every_optional_field_the_default_of_its_record()
    {
        var reading = SpecReader.Read(JsonElement.Parse(SpecText.For("defaults")));

        Assert.Equal(JsonSerializer.Serialize(new MonitorSpec(), Json), JsonSerializer.Serialize(reading.Spec!.Monitor, Json));
        Assert.Equal(JsonSerializer.Serialize(new FreezeSpec(), Json), JsonSerializer.Serialize(reading.Spec.Freeze, Json));
        Assert.Equal(JsonSerializer.Serialize(new StagingSpec(), Json), JsonSerializer.Serialize(reading.Spec.Staging, Json));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    public void Answers_nonsense_with_problems(string json) => Assert.NotEmpty(SpecReader.Read(JsonElement.Parse(json)).Problems);

    [Fact]
    public void Names_each_entry_of_allowedDrift_that_would_allow_nothing()
    {
        const string drift = """ "freeze": { "allowedDrift": ["consumers", "plugins.config", "consumer", "a.b.c", "", 7, "cluster_events", "schema_meta", "plugins."] } """;
        var reading = SpecReader.Read(JsonElement.Parse(SpecText.For("drift", drift)));

        Assert.Equal(
            ["freeze.allowedDrift[2]", "freeze.allowedDrift[3]", "freeze.allowedDrift[4]", "freeze.allowedDrift[5]", "freeze.allowedDrift[6]", "freeze.allowedDrift[7]", "freeze.allowedDrift[8]"],
            reading.Problems.Select(static p => p.Path).Order(StringComparer.Ordinal));
        Assert.Contains("'consumer' is not a configuration table", reading.Problems.Single(static p => p.Path.EndsWith("[2]", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pauses_on_a_failed_verdict_only_where_no_reflex_would_roll_back_first()
    {
        const string Pause = """ "monitor": { "onFailed": "pause" } """;
        var problem = Assert.Single(SpecReader.Read(JsonElement.Parse(SpecText.For("shop", Pause))).Problems);
        Assert.Equal("monitor.onFailed", problem.Path);
        Assert.Empty(SpecReader.Read(JsonElement.Parse(SpecText.For("shop", Pause).Replace("\"settings\"", "\"reflex\": false, \"settings\"", StringComparison.Ordinal))).Problems);
    }

    [Fact]
    public void Gives_a_prometheus_the_time_that_it_needs()
    {
        const string Slow = """ "monitor": { "errorRatePoints": 1, "prometheus": { "url": "http://prometheus:9090", "interval": "30s" } } """;
        var monitor = SpecReader.Read(JsonElement.Parse(SpecText.For("slow", Slow))).Spec!.Monitor;
        Assert.Equal((30, 120, 120), (monitor.ScrapeInterval.TotalSeconds, monitor.Window.TotalSeconds, monitor.BlindAfter.TotalSeconds));
        Assert.Equal((1, "instance", PrometheusLabelValue.Address), (monitor.ErrorRatePoints, monitor.Prometheus!.Label, monitor.Prometheus.Value));
    }

    [Theory]
    [InlineData("""{}""", "monitor.prometheus.url")]
    [InlineData("""{ "url": "prometheus:9090", "interval": "1ms", "label": "a-b", "value": "port", "token": "s3cret", "query": "up" }""",
        "monitor.prometheus.interval monitor.prometheus.label monitor.prometheus.query monitor.prometheus.token monitor.prometheus.url monitor.prometheus.value")]
    [InlineData("""{ "url": "http://prometheus:9090" }, "scrapeInterval": "1s", "window": "20s", "blindAfter": "30s" """, "monitor.blindAfter monitor.scrapeInterval monitor.window")]
    [InlineData("""{ "url": "http://prometheus:9090" }, "scrapeInterval": "20s", "window": "30s", "blindAfter": "45s" """, "")]
    public void Names_everything_that_is_wrong_with_a_prometheus(string json, string paths)
    {
        var problems = SpecReader.Read(JsonElement.Parse(SpecText.For("prometheus", $$""" "monitor": { "prometheus": {{json}} } """))).Problems;
        Assert.Equal(paths, string.Join(' ', problems.Select(static p => p.Path).Order(StringComparer.Ordinal)));
        Assert.DoesNotContain(problems, static p => p.Message.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_everything_that_is_wrong_with_a_probe()
    {
        const string probes = """ "monitor": { "probes": [{ "name": "a", "path": "/" }, { "name": "a", "path": "shop", "method": "get", "expectStatus": 99, "interval": "1ms", "failAfter": 0, "body": 1 }] } """;
        Assert.Equal(
            ["body", "expectStatus", "failAfter", "interval", "method", "name", "path"],
            SpecReader.Read(JsonElement.Parse(SpecText.For("probes", probes))).Problems.Select(static p => p.Path.Replace("monitor.probes[1].", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lets_an_unknown_table_drift_only_where_unknown_tables_are_compared()
    {
        const string drift = """ "freeze": { "allowedDrift": ["my_plugin"], "unknownTables": "fence" } """;
        Assert.Empty(SpecReader.Read(JsonElement.Parse(SpecText.For("drift", drift))).Problems);
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("00:00:10", 10_000)]
    public void Reads_durations_as_people_write_them(string text, int milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1e99d")]
    [InlineData("ten minutes")]
    public void Refuses_a_duration_without_a_unit_or_sense(string text) => Assert.False(DurationText.TryParse(text, out _));

    private static UpgradeSpec Full() => new()
    {
        Cluster = "full",
        Datacenter = "eu1",
        From = Cluster("2.8.5", "x"),
        To = Cluster("3.4.2", "y"),
        Backup = new BackupSpec
        {
            Directory = "/b", Jobs = 7, Keep = 9, RestoreTest = false, SigningKey = "file:/s", EncryptionKey = "env:E",
            Store = new ObjectStoreSpec
            {
                Endpoint = new Uri("https://s3.example"), Region = "eu-1", Bucket = "backups", Prefix = "kong/", AccessKey = "env:A", SecretKey = "env:B", PathStyle = false,
            },
        },
        Traffic = new TrafficSpec
        {
            Driver = "haproxy", Settings = new Dictionary<string, string> { ["socket"] = "/s" }, Steps = [5, 100],
            Dwell = TimeSpan.FromSeconds(7), Ramp = TimeSpan.FromSeconds(17), MinimumRequests = 11, DecideWithin = TimeSpan.FromSeconds(13), Sticky = true,
            OnForeignChange = ForeignChangeChoice.Reassert, Reflex = false, DeadMan = new DeadManSpec { After = TimeSpan.FromSeconds(8), Action = DeadManAction.Hold }, Drill = false,
        },
        Monitor = new MonitorSpec
        {
            ScrapeInterval = TimeSpan.FromSeconds(2), Window = TimeSpan.FromSeconds(20), ErrorRatePoints = 3, ErrorRateFloor = 0.25, FalseAlarmChance = 0.01, ErrorRateCeiling = 30, LatencyRatio = 4,
            LatencyFloor = TimeSpan.FromMilliseconds(60), UnmatchedPoints = 5, MinimumSamples = 21, BlindAfter = TimeSpan.FromSeconds(6), OnFailed = FailedVerdictChoice.Pause,
            Prometheus = new PrometheusSpec
            {
                Url = new Uri("https://prometheus/p"), Interval = TimeSpan.FromSeconds(2), Label = "node", Value = PrometheusLabelValue.Name, Job = "kong", Token = "env:PROMETHEUS",
            },
            Probes =
            [
                new ProbeSpec
                {
                    Name = "p", Method = "HEAD", Path = "/p", Headers = new Dictionary<string, string> { ["a"] = "env:B" }, ExpectStatus = 204, Interval = TimeSpan.FromSeconds(3),
                    Timeout = TimeSpan.FromSeconds(4), FailAfter = 5,
                },
            ],
            Sources =
            [
                new MetricSourceSpec
                {
                    Kind = "haproxy", Settings = new Dictionary<string, string> { ["socket"] = "/run/haproxy.sock", ["backendX"] = "x", ["backendY"] = "y", ["timeout"] = "3s" },
                },
            ],
        },
        Staging = new StagingSpec
        {
            Generated = false, MaximumRoutes = 9,
            Checks = [new HttpCheckSpec { Name = "c", Method = "HEAD", Path = "/p", Headers = new Dictionary<string, string> { ["a"] = "b" }, ExpectStatus = 201, ExpectBody = "t" }],
        },
        Freeze = new FreezeSpec { UnknownTables = UnknownTableChoice.Refuse, DrainTimeout = TimeSpan.FromSeconds(31), LockTimeout = TimeSpan.FromMilliseconds(501), AllowAcmeWrites = true, AllowedDrift = ["consumers.custom_id", "plugins"], JournalFor = TimeSpan.FromHours(25) },
        RuntimeState = new RuntimeStateSpec { CarryCounters = false, CarryTokens = false },
        Gates = [new GateSpec { Before = "Shift", Deadline = TimeSpan.FromHours(2), OnDeadline = GateOutcome.Proceed }],
        Soak = TimeSpan.FromMinutes(3),
        AfterWatch = TimeSpan.FromMinutes(2),
        Override = new OverrideSpec { Reason = "a good reason", VersionPath = true, Blockers = true },
    };

    private static ClusterSpec Cluster(string version, string side) => new()
    {
        Version = version,
        Edition = KongEdition.Enterprise,
        Database = new DatabaseSpec
        {
            Host = "h", Port = 5433, Name = side, User = "u", Password = "env:P", Schema = "s", AdminUser = "a", AdminPassword = "file:/run/p", MaintenanceDatabase = "m",
        },
        Deployment = new DeploymentSpec
        {
            Executable = "/k", Conf = "/c", NginxTemplate = "/n", Environment = new Dictionary<string, string> { ["KONG_A"] = "b" }, ReadyTimeout = TimeSpan.FromSeconds(99),
        },
        Nodes =
        [
            new NodeSpec
            {
                Name = "n", Prefix = "/" + side, Proxy = new Uri("http://h:1"), Admin = new Uri("http://h:2"), Status = new Uri("http://h:3"),
                Environment = new Dictionary<string, string> { ["KONG_C"] = "d" },
            },
        ],
    };
}

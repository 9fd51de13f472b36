using System.Text.Json;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Upgrades;

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>Reads an <see cref="UpgradeSpec"/> from JSON and lists everything that is wrong with it at once.</summary>
public static partial class SpecReader
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Reads a spec; nothing outside the JSON is looked at.</summary>
    /// <param name="json">The spec as written; null counts as missing.</param>
    public static SpecReading Read(JsonElement? json)
    {
        var problems = new List<SpecProblem>();
        if (json is not { ValueKind: JsonValueKind.Object } element)
        {
            problems.Add(new SpecProblem { Path = "", Message = "the spec must be an object" });
            return new SpecReading(null, problems);
        }

        var root = new SpecNode(element, "", problems);
        var spec = new UpgradeSpec
        {
            Cluster = root.Text("cluster", null, ClusterName(), "1 to 63 characters of a-z 0-9 - . that begin with a letter or digit"),
            Datacenter = root.Text("datacenter", null, DatacenterName(), "1 to 40 characters of a-z 0-9 -"),
            From = ReadCluster(root.Section("from", required: true)),
            To = ReadCluster(root.Section("to", required: true)),
            Backup = ReadBackup(root.Section("backup", required: true)),
            Traffic = ReadTraffic(root.Section("traffic", required: true)),
            Monitor = ReadMonitor(root.Section("monitor", required: false)),
            Staging = ReadStaging(root.Section("staging", required: false)),
            Freeze = ReadFreeze(root.Section("freeze", required: false)),
            RuntimeState = ReadRuntimeState(root.Section("runtimeState", required: false)),
            Gates = [.. root.Sections("gates", required: false).Select(ReadGate)],
            Soak = root.Duration("soak", TimeSpan.FromMinutes(10), TimeSpan.Zero, Month),
            AfterWatch = root.Duration("afterWatch", TimeSpan.FromMinutes(5), TimeSpan.Zero, Month),
            Override = ReadOverride(root.Section("override", required: false)),
        };
        root.RejectUnknown();
        SpecRules.Check(spec, problems);
        return problems.Count > 0 ? new SpecReading(null, problems) : new SpecReading(spec, problems);
    }

    private static ClusterSpec ReadCluster(SpecNode? node)
    {
        if (node is null)
        {
            return Placeholder.Cluster;
        }

        var cluster = new ClusterSpec
        {
            Version = node.Text("version", null, KongVersion(), "a Kong version such as 2.8.5 or 3.4.3.5"),
            Edition = node.Choice("edition", KongEdition.Community),
            Database = ReadDatabase(node.Section("database", required: true)),
            Deployment = ReadDeployment(node.Section("deployment", required: true)),
            Nodes = [.. node.Sections("nodes", required: true).Select(ReadNode)],
        };
        if (cluster.Nodes.Count == 0)
        {
            node.Problem("nodes", "must hold at least one node");
        }

        node.RejectUnknown();
        return cluster;
    }

    private static DatabaseSpec ReadDatabase(SpecNode? node)
    {
        if (node is null)
        {
            return Placeholder.Database;
        }

        var database = new DatabaseSpec
        {
            Host = node.Text("host"),
            Port = node.Integer("port", 5432, 1, 65535),
            Name = node.Text("name"),
            User = node.Text("user"),
            Password = Secret(node, "password"),
            Schema = node.Text("schema", "public"),
            AdminUser = node.OptionalText("adminUser"),
            AdminPassword = Secret(node, "adminPassword"),
            MaintenanceDatabase = node.Text("maintenanceDatabase", "postgres"),
        };
        node.RejectUnknown();
        return database;
    }

    private static DeploymentSpec ReadDeployment(SpecNode? node)
    {
        if (node is null)
        {
            return Placeholder.Deployment;
        }

        var deployment = new DeploymentSpec
        {
            Driver = node.Text("driver", "process", ProcessDriver(), "the only driver is process"),
            Executable = node.Text("executable"),
            Conf = node.OptionalText("conf"),
            NginxTemplate = node.OptionalText("nginxTemplate"),
            Environment = node.Texts("environment"),
            ReadyTimeout = node.Duration("readyTimeout", TimeSpan.FromMinutes(2), Second, TimeSpan.FromHours(1)),
        };
        node.RejectUnknown();
        return deployment;
    }

    private static NodeSpec ReadNode(SpecNode node)
    {
        var read = new NodeSpec
        {
            Name = node.Text("name", null, NodeName(), "1 to 63 characters of a-z 0-9 -"),
            Prefix = node.Text("prefix"),
            Proxy = node.Address("proxy", required: true) ?? Placeholder.Address,
            Admin = node.Address("admin", required: true) ?? Placeholder.Address,
            Status = node.Address("status", required: false),
            Environment = node.Texts("environment"),
        };
        node.RejectUnknown();
        return read;
    }

    private static BackupSpec ReadBackup(SpecNode? node)
    {
        if (node is null)
        {
            return new BackupSpec { Directory = "" };
        }

        var backup = new BackupSpec
        {
            Directory = node.Text("directory", null, AbsolutePath(), "an absolute path on the backup agent's host"),
            Jobs = node.Integer("jobs", 2, 1, 32),
            Keep = node.Integer("keep", 3, 1, 100),
            RestoreTest = node.Flag("restoreTest", true),
            SigningKey = Secret(node, "signingKey"),
            EncryptionKey = Secret(node, "encryptionKey"),
            Store = ReadStore(node.Section("store", required: false)),
        };
        node.RejectUnknown();
        return backup;
    }

    private static ObjectStoreSpec? ReadStore(SpecNode? node)
    {
        if (node is null)
        {
            return null;
        }

        var store = new ObjectStoreSpec
        {
            Endpoint = node.Address("endpoint", required: true) ?? Placeholder.Address,
            Region = node.Text("region", "us-east-1"),
            Bucket = node.Text("bucket"),
            Prefix = node.OptionalText("prefix") ?? "",
            AccessKey = RequiredSecret(node, "accessKey"),
            SecretKey = RequiredSecret(node, "secretKey"),
            PathStyle = node.Flag("pathStyle", true),
        };
        node.RejectUnknown();
        return store;
    }

    private static TrafficSpec ReadTraffic(SpecNode? node)
    {
        if (node is null)
        {
            return Placeholder.Traffic;
        }

        var missing = Placeholder.Traffic;
        var traffic = new TrafficSpec
        {
            Driver = node.Text("driver"),
            Settings = node.Texts("settings"),
            Steps = node.Integers("steps", missing.Steps, 1, 100),
            Dwell = node.Duration("dwell", missing.Dwell, Second, Month),
            Ramp = node.Duration("ramp", missing.Ramp, TimeSpan.Zero, TimeSpan.FromDays(1)),
            MinimumRequests = node.Integer("minimumRequests", missing.MinimumRequests, 1, int.MaxValue),
            DecideWithin = node.Duration("decideWithin", missing.DecideWithin, Second, Month),
            Sticky = node.Flag("sticky", missing.Sticky),
            OnForeignChange = node.Choice("onForeignChange", missing.OnForeignChange),
            Reflex = node.Flag("reflex", missing.Reflex),
            DeadMan = ReadDeadMan(node.Section("deadMan", required: false)),
            Drill = node.Flag("drill", missing.Drill),
        };
        node.RejectUnknown();
        return traffic;
    }

    private static DeadManSpec ReadDeadMan(SpecNode? node)
    {
        var missing = new DeadManSpec();
        if (node is null)
        {
            return missing;
        }

        var deadMan = new DeadManSpec
        {
            After = node.Duration("after", missing.After, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)),
            Action = node.Choice("action", missing.Action),
        };
        node.RejectUnknown();
        return deadMan;
    }

    private static MonitorSpec ReadMonitor(SpecNode? node)
    {
        if (node is null)
        {
            return new MonitorSpec();
        }

        var missing = MonitorSpec.DefaultFor(ReadPrometheus(node.Section("prometheus", required: false)));
        var monitor = missing with
        {
            ScrapeInterval = node.Duration("scrapeInterval", missing.ScrapeInterval, TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(1)),
            Window = node.Duration("window", missing.Window, Second, TimeSpan.FromHours(1)),
            ErrorRatePoints = node.Number("errorRatePoints", missing.ErrorRatePoints, 0, 100),
            ErrorRateFloor = node.Number("errorRateFloor", missing.ErrorRateFloor, 0, 100),
            FalseAlarmChance = node.Number("falseAlarmChance", missing.FalseAlarmChance, 0.000001, 0.1),
            ErrorRateCeiling = node.Number("errorRateCeiling", missing.ErrorRateCeiling, 0, 100),
            LatencyRatio = node.Number("latencyRatio", missing.LatencyRatio, 1, 1000),
            LatencyFloor = node.Duration("latencyFloor", missing.LatencyFloor, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            UnmatchedPoints = node.Number("unmatchedPoints", missing.UnmatchedPoints, 0, 100),
            MinimumSamples = node.Integer("minimumSamples", missing.MinimumSamples, 1, int.MaxValue),
            BlindAfter = node.Duration("blindAfter", missing.BlindAfter, Second, TimeSpan.FromHours(1)),
            OnFailed = node.Choice("onFailed", missing.OnFailed),
            Probes = [.. node.Sections("probes", required: false).Select(ReadProbe)],
            Sources = [.. node.Sections("sources", required: false).Select(ReadSource)],
        };
        node.RejectUnknown();
        return monitor;
    }

    private static ProbeSpec ReadProbe(SpecNode node)
    {
        var probe = new ProbeSpec
        {
            Name = node.Text("name"),
            Method = node.Text("method", "GET", HttpMethodName(), "an HTTP method in capitals"),
            Path = node.Text("path", null, AbsolutePath(), "a path that begins with a slash"),
            Headers = node.Texts("headers"),
            ExpectStatus = node.Integer("expectStatus", 200, 100, 599),
            Interval = node.Duration("interval", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(250), TimeSpan.FromHours(1)),
            Timeout = node.Duration("timeout", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            FailAfter = node.Integer("failAfter", 3, 1, 100),
        };
        node.RejectUnknown();
        return probe;
    }

    private static PrometheusSpec? ReadPrometheus(SpecNode? node)
    {
        if (node is null)
        {
            return null;
        }

        var missing = new PrometheusSpec { Url = Placeholder.Address };
        var prometheus = new PrometheusSpec
        {
            Url = node.Address("url", required: true) ?? Placeholder.Address,
            Interval = node.Duration("interval", missing.Interval, Second, TimeSpan.FromMinutes(1)),
            Label = node.Text("label", missing.Label, LabelName(), "the name of a label, such as instance"),
            Value = node.Choice("value", missing.Value),
            Job = node.OptionalText("job"),
            Token = Secret(node, "token"),
        };
        node.RejectUnknown();
        return prometheus;
    }

    private static MetricSourceSpec ReadSource(SpecNode node)
    {
        var source = new MetricSourceSpec { Kind = node.Text("kind", null, SourceKind(), "the kinds are haproxy and nginx"), Settings = node.Texts("settings") };
        node.RejectUnknown();
        return source;
    }

    private static StagingSpec ReadStaging(SpecNode? node)
    {
        if (node is null)
        {
            return new StagingSpec();
        }

        var staging = new StagingSpec
        {
            Generated = node.Flag("generated", true),
            Checks = [.. node.Sections("checks", required: false).Select(ReadCheck)],
            MaximumRoutes = node.Integer("maximumRoutes", 500, 1, 100_000),
        };
        node.RejectUnknown();
        return staging;
    }

    private static HttpCheckSpec ReadCheck(SpecNode node)
    {
        var check = new HttpCheckSpec
        {
            Name = node.Text("name"),
            Method = node.Text("method", "GET", HttpMethodName(), "an HTTP method in capitals"),
            Path = node.Text("path", null, AbsolutePath(), "a path that begins with a slash"),
            Headers = node.Texts("headers"),
            ExpectStatus = node.Integer("expectStatus", 200, 100, 599),
            ExpectBody = node.OptionalText("expectBody"),
        };
        node.RejectUnknown();
        return check;
    }

    private static FreezeSpec ReadFreeze(SpecNode? node)
    {
        var missing = new FreezeSpec();
        if (node is null)
        {
            return missing;
        }

        var freeze = new FreezeSpec
        {
            UnknownTables = node.Choice("unknownTables", missing.UnknownTables),
            DrainTimeout = node.Duration("drainTimeout", missing.DrainTimeout, TimeSpan.Zero, TimeSpan.FromHours(1)),
            AllowAcmeWrites = node.Flag("allowAcmeWrites", missing.AllowAcmeWrites),
            JournalFor = node.Duration("journalFor", missing.JournalFor, TimeSpan.Zero, TimeSpan.FromDays(30)),
            LockTimeout = node.Duration("lockTimeout", missing.LockTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)),
            AllowedDrift = node.TextList("allowedDrift"),
        };
        node.RejectUnknown();
        return freeze;
    }

    private static RuntimeStateSpec ReadRuntimeState(SpecNode? node)
    {
        var missing = new RuntimeStateSpec();
        if (node is null)
        {
            return missing;
        }

        var state = new RuntimeStateSpec
        {
            CarryCounters = node.Flag("carryCounters", missing.CarryCounters),
            CarryTokens = node.Flag("carryTokens", missing.CarryTokens),
        };
        node.RejectUnknown();
        return state;
    }

    private static GateSpec ReadGate(SpecNode node)
    {
        var gate = new GateSpec
        {
            Before = node.Text("before", null, GatedPhase(), "one of Freeze, Shift, Decommission, Unfreeze"),
            Deadline = node.Duration("deadline", TimeSpan.FromDays(1), Second, Month),
            OnDeadline = node.Choice("onDeadline", GateOutcome.RollBack),
        };
        node.RejectUnknown();
        return gate;
    }

    private static OverrideSpec? ReadOverride(SpecNode? node)
    {
        if (node is null)
        {
            return null;
        }

        var allowed = new OverrideSpec
        {
            Reason = node.Text("reason", null, TenCharacters(), "a reason of at least 10 characters, kept in the timeline"),
            VersionPath = node.Flag("versionPath", false),
            Blockers = node.Flag("blockers", false),
        };
        node.RejectUnknown();
        return allowed;
    }

    private static string RequiredSecret(SpecNode node, string field)
    {
        node.Text(field);
        return Secret(node, field) ?? "";
    }

    private static string? Secret(SpecNode node, string field)
    {
        var value = node.OptionalText(field);
        if (value is not null && !SecretForm().IsMatch(value))
        {
            // The value is not repeated: it is most likely the secret itself.
            node.Problem(field, "must be a reference, env:NAME or file:/path; secrets do not belong in a spec");
        }

        return value;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{0,62}$")]
    private static partial Regex ClusterName();

    [GeneratedRegex("^[a-z0-9-]{1,40}$")]
    private static partial Regex DatacenterName();

    [GeneratedRegex("^[a-z0-9-]{1,63}$")]
    private static partial Regex NodeName();

    [GeneratedRegex(@"^\d{1,3}\.\d{1,3}(\.\d{1,3}){0,2}(-[A-Za-z0-9.-]+)?$")]
    private static partial Regex KongVersion();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*$")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^(haproxy|nginx)\z")]
    private static partial Regex SourceKind();

    [GeneratedRegex("^process$")]
    private static partial Regex ProcessDriver();

    [GeneratedRegex("^/")]
    private static partial Regex AbsolutePath();

    [GeneratedRegex("^[A-Z]{3,10}$")]
    private static partial Regex HttpMethodName();

    [GeneratedRegex("^(Freeze|Shift|Decommission|Unfreeze)$")]
    private static partial Regex GatedPhase();

    [GeneratedRegex("^.{10,}$", RegexOptions.Singleline)]
    private static partial Regex TenCharacters();

    [GeneratedRegex("^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$")]
    private static partial Regex SecretForm();

    private static class Placeholder
    {
        public static Uri Address { get; } = new("http://missing.invalid");

        public static DatabaseSpec Database { get; } = new() { Host = "", Name = "", User = "" };

        public static DeploymentSpec Deployment { get; } = new() { Executable = "" };

        public static ClusterSpec Cluster { get; } = new() { Version = "", Database = Database, Deployment = Deployment, Nodes = [] };

        public static TrafficSpec Traffic { get; } = new() { Driver = "", Settings = new Dictionary<string, string>() };
    }
}

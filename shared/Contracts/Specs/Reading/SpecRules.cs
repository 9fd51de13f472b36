using KongUpgradeMesh.Contracts.Upgrades;

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>Rules between fields of a spec. What needs a look at the real clusters is preflight's business.</summary>
internal static class SpecRules
{
    private static readonly TimeSpan ShortestRamp = TimeSpan.FromSeconds(1);

    public static void Check(UpgradeSpec spec, List<SpecProblem> problems)
    {
        void Problem(string path, string message) => problems.Add(new SpecProblem { Path = path, Message = message });

        CheckSteps(spec.Traffic.Steps, Problem);
        CheckRamp(spec.Traffic, Problem);
        CheckNodes(spec, Problem);
        CheckAllowedDrift(spec.Freeze, Problem);
        CheckProbes(spec.Monitor.Probes, Problem);
        CheckPrometheus(spec.Monitor, Problem);

        // What is not even text has been told of.
        SourceRules.Check(spec.Monitor.Sources, (path, message) =>
        {
            if (problems.TrueForAll(p => p.Path != path))
            {
                Problem(path, message);
            }
        });

        if (spec.From.Version.Length > 0 && spec.From.Version == spec.To.Version)
        {
            Problem("to.version", $"is {spec.To.Version}, the version that runs already");
        }

        if (IsSameDatabase(spec.From.Database, spec.To.Database))
        {
            Problem("to.database", "is the database of cluster X; cluster Y needs one of its own");
        }

        if (spec is { Monitor.OnFailed: FailedVerdictChoice.Pause, Traffic.Reflex: true })
        {
            Problem("monitor.onFailed", "pause needs traffic.reflex: false, since the traffic agent's reflex would roll back before anybody can decide");
        }

        foreach (var gate in spec.Gates.GroupBy(static g => g.Before).Where(static g => g.Count() > 1))
        {
            Problem("gates", $"has more than one gate before {gate.Key}");
        }
    }

    // More often than Prometheus reads the nodes there is nothing new, and what a single scrape missed must not count as blindness.
    private static void CheckPrometheus(MonitorSpec monitor, Action<string, string> problem)
    {
        if (monitor.Prometheus is not { Interval: var interval })
        {
            return;
        }

        void AtLeast(string field, TimeSpan value, int intervals)
        {
            if (value < interval * intervals)
            {
                problem($"monitor.{field}", $"is {value.TotalSeconds:0.#} s; with monitor.prometheus.interval of {interval.TotalSeconds:0.#} s it must be at least {(interval * intervals).TotalSeconds:0.#} s, or be left out");
            }
        }

        AtLeast("scrapeInterval", monitor.ScrapeInterval, 1);
        AtLeast("window", monitor.Window, 2);
        AtLeast("blindAfter", monitor.BlindAfter, 3);
    }

    private static void CheckSteps(IReadOnlyList<int> steps, Action<string, string> problem)
    {
        for (var index = 1; index < steps.Count; index++)
        {
            if (steps[index] <= steps[index - 1])
            {
                problem($"traffic.steps[{index}]", $"is {steps[index]} after {steps[index - 1]}; steps must rise");
            }
        }

        if (steps.Count == 0 || steps[^1] != 100)
        {
            problem("traffic.steps", "must end with 100");
        }
    }

    private static void CheckRamp(TrafficSpec traffic, Action<string, string> problem)
    {
        if (traffic.Ramp == TimeSpan.Zero)
        {
            return;
        }

        if (traffic.Ramp < ShortestRamp)
        {
            problem("traffic.ramp", "must be 0s or at least 1s, since increments are a second or more apart");
        }
        else if (!Enumerable.Range(0, traffic.Steps.Count).Any(traffic.IsRamped))
        {
            problem("traffic.ramp", "has no step to spread: every one of traffic.steps is 1 % above the one before");
        }
    }

    private static void CheckNodes(UpgradeSpec spec, Action<string, string> problem)
    {
        var prefixes = new Dictionary<string, string>();
        foreach (var (side, cluster) in new[] { ("from", spec.From), ("to", spec.To) })
        {
            var names = new HashSet<string>();
            for (var index = 0; index < cluster.Nodes.Count; index++)
            {
                var node = cluster.Nodes[index];
                var path = $"{side}.nodes[{index}]";
                if (node.Name.Length > 0 && !names.Add(node.Name))
                {
                    problem($"{path}.name", $"'{node.Name}' is taken by another node");
                }

                if (node.Prefix.Length > 0 && !prefixes.TryAdd(node.Prefix, path))
                {
                    problem($"{path}.prefix", $"is also the prefix of {prefixes[node.Prefix]}; nodes never share one");
                }
            }
        }
    }

    private static void CheckProbes(IReadOnlyList<ProbeSpec> probes, Action<string, string> problem)
    {
        const int most = 100;
        if (probes.Count > most)
        {
            problem("monitor.probes", $"has {probes.Count} probes; at most {most}");
        }

        var names = new HashSet<string>();
        foreach (var (index, probe) in probes.Index().Where(p => p.Item.Name.Length > 0 && !names.Add(p.Item.Name)))
        {
            problem($"monitor.probes[{index}].name", $"'{probe.Name}' is taken by another probe");
        }
    }

    // A misspelt name would allow nothing, and the operator would learn it in the middle of the upgrade.
    private static void CheckAllowedDrift(FreezeSpec freeze, Action<string, string> problem)
    {
        foreach (var (index, entry) in freeze.AllowedDrift.Index().Where(static e => e.Item.Length > 0))
        {
            var path = $"freeze.allowedDrift[{index}]";
            var parts = entry.Split('.');
            if (parts.Length > 2 || parts.Any(string.IsNullOrWhiteSpace))
            {
                problem(path, $"'{entry}' is not valid: a table, or table.column");
            }
            else if (parts[0] == "schema_meta")
            {
                problem(path, "schema_meta must not drift: it says which migrations have run");
            }
            else if (!ConfigurationTables.All.Contains(parts[0], StringComparer.Ordinal) && freeze.UnknownTables != UnknownTableChoice.Fence)
            {
                problem(path, $"'{parts[0]}' is not a configuration table of Kong; others are compared only with unknownTables: fence");
            }
        }
    }

    // By name only; preflight compares physical identity, which no host name can hide.
    private static bool IsSameDatabase(DatabaseSpec x, DatabaseSpec y) =>
        x.Name.Length > 0 && x.Host == y.Host && x.Port == y.Port && x.Name == y.Name;
}

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>Rules of what the monitor reads beside the nodes. Whether it can be read only the agent tells, before anything is frozen.</summary>
internal static class SourceRules
{
    private const int Most = 16;

    public static void Check(IReadOnlyList<MetricSourceSpec> sources, Action<string, string> problem)
    {
        if (sources.Count > Most)
        {
            problem("monitor.sources", $"has {sources.Count} sources; at most {Most}");
        }

        var read = new Dictionary<(string Kind, string Place, string Name), int>();
        foreach (var (index, source) in sources.Index())
        {
            var path = $"monitor.sources[{index}].settings";
            foreach (var (key, place, name) in Read(source, (key, why) => problem($"{path}.{key}", why)).Where(static c => c.Place.Length > 0 && c.Name.Length > 0))
            {
                if (!read.TryAdd((source.Kind, place, name), index) && read[(source.Kind, place, name)] is var other && other != index)
                {
                    problem($"{path}.{key}", $"is read by monitor.sources[{other}] already; its requests would count twice");
                }
            }
        }
    }

    // The counters that a source reads: the setting that names them, where they are, and their name there.
    private static (string Key, string Place, string Name)[] Read(MetricSourceSpec source, Action<string, string> wrong)
    {
        switch (source.Kind)
        {
            case HAProxySourceSpec.Kind:
                var haproxy = HAProxySourceSpec.Read(source.Settings, wrong);
                var socket = source.Settings.GetValueOrDefault("socket", "");
                return [("backendX", socket, haproxy.BackendX), ("backendY", socket, haproxy.BackendY)];
            case NginxSourceSpec.Kind:
                var nginx = NginxSourceSpec.Read(source.Settings, wrong);
                return [("log", nginx.Log, "log")];
            default:
                return [];
        }
    }
}

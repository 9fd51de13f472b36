namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>Rules of what the monitor reads beside the nodes. Whether it can be reached only the watch before the first step tells.</summary>
internal static class SourceRules
{
    private const int Most = 16;

    public static void Check(IReadOnlyList<MetricSourceSpec> sources, Action<string, string> problem)
    {
        if (sources.Count > Most)
        {
            problem("monitor.sources", $"has {sources.Count} sources; at most {Most}");
        }

        var counted = new Dictionary<(string Socket, string Backend), int>();
        foreach (var (index, source) in sources.Index().Where(static s => s.Item.Kind == HAProxySourceSpec.Kind))
        {
            var path = $"monitor.sources[{index}].settings";
            var read = HAProxySourceSpec.Read(source.Settings, (key, why) => problem($"{path}.{key}", why));
            foreach (var (key, backend) in new[] { ("backendX", read.BackendX), ("backendY", read.BackendY) }.Where(static b => b.Item2.Length > 0))
            {
                if (source.Settings.TryGetValue("socket", out var socket) && !counted.TryAdd((socket, backend), index) && counted[(socket, backend)] is var other && other != index)
                {
                    problem($"{path}.{key}", $"is read from the same socket by monitor.sources[{other}]; its requests would count twice");
                }
            }
        }
    }
}

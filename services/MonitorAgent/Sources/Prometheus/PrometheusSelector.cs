using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

/// <summary>The queries: which series of a Prometheus are a node's.</summary>
internal static class PrometheusSelector
{
    /// <summary>Whether the node could be scraped, and what Prometheus adds to its series.</summary>
    public static string UpOf(PrometheusSpec prometheus, NodeSpec node) => $"up{{{Labels(prometheus, node)}}}";

    /// <summary>What the node exposed: names of Kong 2.8 and 3.x alike, of which what is used is decided where they are read.</summary>
    public static string MetricsOf(PrometheusSpec prometheus, NodeSpec node) => $"{{__name__=~\"kong_.+\",{Labels(prometheus, node)}}}";

    private static string Labels(PrometheusSpec prometheus, NodeSpec node)
    {
        var address = AddressOf(node);
        var value = prometheus.Value == PrometheusLabelValue.Name ? node.Name : $"{address.Host}:{address.Port}";
        var job = prometheus.Job is { } name ? $"job={Quote(name)}," : "";
        return $"{job}{prometheus.Label}={Quote(value)}";
    }

    /// <summary>Where a node's metrics are.</summary>
    public static Uri AddressOf(NodeSpec node) => node.Status ?? node.Admin;

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}

using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

/// <summary>The queries: which series of a Prometheus are a node's.</summary>
internal static class PrometheusSelector
{
    // Names of Kong 2.8 and 3.x alike, of which what is used is decided where they are read; and whether the node could be scraped.
    private const string Names = "__name__=~\"kong_.+|up\"";

    /// <summary>The selector of a node's series.</summary>
    public static string Of(PrometheusSpec prometheus, NodeSpec node)
    {
        var address = AddressOf(node);
        var value = prometheus.Value == PrometheusLabelValue.Name ? node.Name : $"{address.Host}:{address.Port}";
        var job = prometheus.Job is { } name ? $",job={Quote(name)}" : "";
        return $"{{{Names}{job},{prometheus.Label}={Quote(value)}}}";
    }

    /// <summary>Where a node's metrics are.</summary>
    public static Uri AddressOf(NodeSpec node) => node.Status ?? node.Admin;

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}

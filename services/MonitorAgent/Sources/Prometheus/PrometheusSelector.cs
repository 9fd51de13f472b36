using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

/// <summary>The queries: which series of a Prometheus are a node's.</summary>
internal static class PrometheusSelector
{
    // Names of Kong 2.8 and 3.x alike; what of them is used is decided where they are read.
    private const string AllOfKong = """__name__=~"kong_.+" """;

    /// <summary>The selector of a node's series.</summary>
    public static string Of(PrometheusSpec prometheus, NodeSpec node)
    {
        var address = node.Status ?? node.Admin;
        var value = prometheus.Value == PrometheusLabelValue.Name ? node.Name : $"{address.Host}:{address.Port}";
        var job = prometheus.Job is { } name ? $",job={Quote(name)}" : "";
        return $"{{{AllOfKong.TrimEnd()}{job},{prometheus.Label}={Quote(value)}}}";
    }

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>One target of an upstream, as it was configured.</summary>
/// <param name="Upstream">Name of the upstream.</param>
/// <param name="Target">Host and port.</param>
public readonly record struct UpstreamTarget(string Upstream, string Target);

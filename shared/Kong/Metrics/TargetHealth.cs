namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>What a node thinks of a target.</summary>
public enum TargetHealth
{
    /// <summary>Health checks are off: it is used whatever it does.</summary>
    Unchecked,

    /// <summary>It is used.</summary>
    Healthy,

    /// <summary>It is not used.</summary>
    Unhealthy,

    /// <summary>Its name does not resolve.</summary>
    DnsError,
}

/// <summary>What is common to states of health.</summary>
public static class TargetHealths
{
    /// <summary>Whether requests are kept away from the target.</summary>
    public static bool IsUnused(this TargetHealth health) => health is TargetHealth.Unhealthy or TargetHealth.DnsError;
}

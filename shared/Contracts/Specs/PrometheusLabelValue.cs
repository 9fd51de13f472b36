namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>What the label that tells nodes apart says of a node.</summary>
public enum PrometheusLabelValue
{
    /// <summary>Host and port of its Status API, of its Admin API where it has none.</summary>
    Address,

    /// <summary>Its name in the spec.</summary>
    Name,
}

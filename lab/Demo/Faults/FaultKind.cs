namespace KongUpgradeMesh.Lab.Demo.Faults;

/// <summary>What goes wrong with cluster Y when it already carries traffic.</summary>
public enum FaultKind
{
    /// <summary>One request in five is answered with 500.</summary>
    Errors,

    /// <summary>Every request takes 300 milliseconds more.</summary>
    Latency,

    /// <summary>Three requests in ten find no route.</summary>
    Routes,

    /// <summary>Every valid API key is refused.</summary>
    Auth,

    /// <summary>The node's process ends.</summary>
    Node,
}

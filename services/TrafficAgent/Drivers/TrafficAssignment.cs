namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>When a balancer decides for X or Y.</summary>
public enum TrafficAssignment
{
    /// <summary>For each request; a new split reaches clients with open connections too.</summary>
    PerRequest,

    /// <summary>For each connection; open ones stay where they are.</summary>
    PerConnection,

    /// <summary>For each name lookup; clients stay for as long as they keep the answer or a connection.</summary>
    PerLookup,
}

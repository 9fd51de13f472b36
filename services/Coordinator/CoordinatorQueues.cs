namespace KongUpgradeMesh.Coordinator;

/// <summary>Names of the coordinator's queues and of the exchange that other systems publish to.</summary>
internal static class CoordinatorQueues
{
    /// <summary>The sagas.</summary>
    public const string Upgrades = "kum.upgrades";

    /// <summary>Start commands: MassTransit envelopes and plain JSON.</summary>
    public const string Start = "kum.start";

    /// <summary>Beats and progress of agents.</summary>
    public const string Beats = "kum.beats";

    /// <summary>The exchange on which other systems publish start commands.</summary>
    public const string StartExchange = "kum.start-cluster-upgrade";
}

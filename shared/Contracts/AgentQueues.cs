namespace KongUpgradeMesh.Contracts;

/// <summary>Names of the queues on which agents take commands.</summary>
public static class AgentQueues
{
    /// <summary>The queue of one kind of agent in one datacenter, for example <c>kum.backup.eu1</c>.</summary>
    /// <param name="kind">What the agent does.</param>
    /// <param name="datacenter">The datacenter's name, 1 to 40 characters of <c>a-z 0-9 -</c>.</param>
    public static string For(AgentKind kind, string datacenter) =>
        $"kum.{kind.ToString().ToLowerInvariant()}.{datacenter}";
}

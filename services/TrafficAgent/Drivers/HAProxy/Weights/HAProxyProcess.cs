namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>One life of HAProxy, as <c>show info</c> tells it.</summary>
/// <param name="Pid">Its process id; in a container often the same in every life.</param>
/// <param name="StartedAt">When it started, to the second.</param>
internal sealed record HAProxyProcess(int Pid, DateTimeOffset StartedAt)
{
    // HAProxy counts its age in whole seconds, and the agent's clock is set right now and then.
    private static readonly TimeSpan Vagueness = TimeSpan.FromSeconds(5);

    /// <summary>Whether both are the same life.</summary>
    public bool Is(HAProxyProcess other) => Pid == other.Pid && (StartedAt - other.StartedAt).Duration() < Vagueness;
}

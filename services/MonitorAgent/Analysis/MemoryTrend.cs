namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>How one kind of memory of a node has grown since the watch began or the node was restarted.</summary>
/// <param name="Name">A shared dictionary's name; <see cref="Workers"/> for the workers' own.</param>
/// <param name="Seen">For how long it was seen.</param>
/// <param name="FirstBytes">What it was.</param>
/// <param name="LastBytes">What it is.</param>
/// <param name="BytesPerSecond">Its robust slope.</param>
/// <param name="RecentBytesPerSecond">Its robust slope over the younger half.</param>
/// <param name="CapacityBytes">What it can hold at most; 0 when not known.</param>
public sealed record MemoryTrend(string Name, TimeSpan Seen, double FirstBytes, double LastBytes, double BytesPerSecond, double RecentBytesPerSecond, double CapacityBytes)
{
    /// <summary>Name of the workers' own memory.</summary>
    public const string Workers = "workers";
}

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Where the evidence of a rise on Y suffices.</summary>
/// <param name="Where">All traffic first, then routes, then services, each the strongest first; empty when it suffices nowhere.</param>
public sealed record RiseFound(IReadOnlyList<Scope> Where)
{
    /// <summary>It suffices nowhere.</summary>
    public static RiseFound Nowhere { get; } = new([]);
}

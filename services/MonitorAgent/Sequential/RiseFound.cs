namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Where the evidence of a rise on Y suffices.</summary>
/// <param name="Together">Over all routes together.</param>
/// <param name="Routes">On single routes, the strongest first.</param>
public sealed record RiseFound(bool Together, IReadOnlyList<RouteName> Routes)
{
    /// <summary>It suffices nowhere.</summary>
    public static RiseFound Nowhere { get; } = new(false, []);

    /// <summary>Whether it suffices anywhere.</summary>
    public bool Anywhere => Together || Routes.Count > 0;
}

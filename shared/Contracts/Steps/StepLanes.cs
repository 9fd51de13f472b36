namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>The lanes in which an upgrade runs steps side by side.</summary>
public static class StepLanes
{
    /// <summary>The procedure itself: one step after the other.</summary>
    public const string Main = "main";

    /// <summary>The continuous judgement of both clusters, beside the procedure.</summary>
    public const string Watch = "watch";

    /// <summary>The continuous look at the write fences, from the freeze until they are lifted.</summary>
    public const string Guard = "guard";
}

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>What the exit code of <c>kum-traffic</c> says; the numbers mean what they mean for <c>kum</c>.</summary>
internal static class ExitCodes
{
    /// <summary>All traffic is on cluster X by the balancer's own word; or the status could be shown.</summary>
    public const int Done = 0;

    /// <summary>It is not, or nobody can say.</summary>
    public const int Failed = 1;

    /// <summary>A person must decide: cluster X does not serve, or was committed away; the split stays as it is.</summary>
    public const int WaitsForPerson = 3;

    /// <summary>Nothing was tried: it is not clear which split is meant, or the spec is wrong.</summary>
    public const int Refused = 6;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>A defect of this program.</summary>
    public const int Defect = 70;

    /// <summary>Interrupted from the keyboard.</summary>
    public const int Interrupted = 130;
}

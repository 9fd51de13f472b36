namespace KongUpgradeMesh.TrafficAgent.Ownership;

/// <summary>What was found of a split that this agent had confirmed.</summary>
public enum SplitFinding
{
    /// <summary>It is in force as we left it.</summary>
    Ours,

    /// <summary>A later command of the same upgrade has taken its place, or is just doing so.</summary>
    MovedOn,

    /// <summary>Somebody else had changed it; ours is in force again.</summary>
    Reasserted,

    /// <summary>Somebody else has changed it; it was left as found.</summary>
    Foreign,
}

namespace KongUpgradeMesh.DeployAgent.Databases;

/// <summary>What stands where cluster Y's database is to be.</summary>
internal enum TargetState
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>A database without any table, and without a stamp.</summary>
    Empty,

    /// <summary>What this upgrade made.</summary>
    Own,

    /// <summary>Somebody else's; never touched.</summary>
    Foreign,
}

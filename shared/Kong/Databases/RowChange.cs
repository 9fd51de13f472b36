namespace KongUpgradeMesh.Kong.Databases;

/// <summary>What became of a row between two snapshots.</summary>
public enum RowChange
{
    /// <summary>Only the later snapshot has it.</summary>
    Added,

    /// <summary>Only the earlier snapshot has it.</summary>
    Removed,

    /// <summary>Both have a row of this primary key, with different values.</summary>
    Changed,
}

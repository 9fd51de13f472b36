namespace KongUpgradeMesh.Kong.Versions;

/// <summary>How Kong rates a jump between two versions.</summary>
public enum VersionJump
{
    /// <summary>Both versions are the same; there is nothing to migrate, and it is supported.</summary>
    None,

    /// <summary>A newer patch of the same minor version: supported.</summary>
    Patch,

    /// <summary>The next minor version of the same major one, or 2.8 to 3.0: supported.</summary>
    Minor,

    /// <summary>From one long-term release to the next: supported.</summary>
    LongTerm,

    /// <summary>Newer, but not tested by Kong as one jump.</summary>
    NotGuaranteed,

    /// <summary>Older: the schema cannot go back.</summary>
    Downgrade,
}

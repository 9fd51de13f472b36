namespace KongUpgradeMesh.Cli.Live;

/// <summary>One phase of the procedure as the live view shows it.</summary>
public sealed class PhaseRow(string name)
{
    /// <summary>Its name in the timeline.</summary>
    public string Name { get; } = name;

    /// <summary>Where it stands.</summary>
    public PhaseState State { get; set; }

    /// <summary>When it was entered; null while pending.</summary>
    public DateTimeOffset? EnteredAt { get; set; }

    /// <summary>When it was left; null before.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    /// <summary>The last thing said about it; empty when nothing was.</summary>
    public string Note { get; set; } = "";
}

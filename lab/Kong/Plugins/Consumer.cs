namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>A consumer and the groups it is in.</summary>
internal sealed record Consumer(Guid Id, string? Username, string? CustomId, IReadOnlySet<string> Groups)
{
    /// <summary>How the metrics name it.</summary>
    public string Label => Username ?? CustomId ?? "";
}

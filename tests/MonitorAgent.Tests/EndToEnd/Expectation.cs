namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>What the judge must make of a disturbance.</summary>
internal enum Expectation
{
    /// <summary>Y is failed, by the named indicator and no other.</summary>
    Failed,

    /// <summary>The named indicator cannot judge and says so; Y is neither passed nor failed.</summary>
    Blind,

    /// <summary>The named indicator says it, but nobody is failed.</summary>
    Reported,

    /// <summary>Nobody is failed.</summary>
    Innocent,
}

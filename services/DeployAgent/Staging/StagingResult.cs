namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>How one test ended.</summary>
/// <param name="Failure">What differs; null when nothing does.</param>
/// <param name="Skipped">Why it says nothing; null when it does say something.</param>
internal sealed record StagingResult(string? Failure, string? Skipped)
{
    public static StagingResult Passed { get; } = new(null, null);

    public static StagingResult Failed(string what) => new(what, null);

    public static StagingResult Skip(string why) => new(null, why);
}

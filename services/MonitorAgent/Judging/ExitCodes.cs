using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>What the exit code of <c>kum judge</c> says; scripts decide on it, so a number never changes its meaning.</summary>
internal static class ExitCodes
{
    /// <summary>The verdict is passed.</summary>
    public const int Passed = 0;

    /// <summary>The verdict is failed.</summary>
    public const int Failed = 1;

    /// <summary>There was not enough evidence.</summary>
    public const int Inconclusive = 3;

    /// <summary>It could not be measured.</summary>
    public const int Errored = 4;

    /// <summary>Nothing was judged: the spec or the recording is wrong.</summary>
    public const int Refused = 6;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>A defect of this program.</summary>
    public const int Defect = 70;

    /// <summary>Interrupted from the keyboard.</summary>
    public const int Interrupted = 130;

    /// <summary>The code of a verdict.</summary>
    public static int Of(Verdict verdict) => verdict switch
    {
        Verdict.Passed => Passed,
        Verdict.Failed => Failed,
        Verdict.Inconclusive => Inconclusive,
        _ => Errored,
    };
}

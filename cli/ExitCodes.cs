using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli;

/// <summary>What the exit code of <c>kum</c> says; scripts decide on it, so a number never changes its meaning.</summary>
public static class ExitCodes
{
    /// <summary>Done: the command was carried out, or the upgrade is complete.</summary>
    public const int Done = 0;

    /// <summary>The upgrade failed or was aborted; or what a command does on this host itself failed.</summary>
    public const int Failed = 1;

    /// <summary>The upgrade was rolled back.</summary>
    public const int RolledBack = 2;

    /// <summary>The upgrade waits for a person.</summary>
    public const int WaitsForPerson = 3;

    /// <summary>The upgrade is running.</summary>
    public const int Running = 4;

    /// <summary>The coordinator could not be reached.</summary>
    public const int Unreachable = 5;

    /// <summary>The coordinator refused the request, or the spec file is wrong.</summary>
    public const int Refused = 6;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>A defect of <c>kum</c> itself.</summary>
    public const int Defect = 70;

    /// <summary>Interrupted from the keyboard.</summary>
    public const int Interrupted = 130;

    /// <summary>The code that tells where an upgrade stands.</summary>
    public static int Of(UpgradeView upgrade) => upgrade.Outcome switch
    {
        UpgradeOutcome.Completed => Done,
        UpgradeOutcome.RolledBack => RolledBack,
        UpgradeOutcome.Failed or UpgradeOutcome.Aborted => Failed,
        _ => upgrade.State is "Paused" or "Gate" ? WaitsForPerson : Running,
    };
}

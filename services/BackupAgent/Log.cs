using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.BackupAgent;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Upgrade {UpgradeId}: {Tables} configuration tables of {Database} fenced, writers drained", EventName = "ConfigurationFenced")]
    public static partial void ConfigurationFenced(this ILogger logger, Guid upgradeId, int tables, string database);

    [LoggerMessage(2002, LogLevel.Information, "Upgrade {UpgradeId}: fence of {Database} lifted after {RefusedWrites} refused writes (found: {Found})", EventName = "FenceLifted")]
    public static partial void FenceLifted(this ILogger logger, Guid upgradeId, string database, long refusedWrites, bool found);

    [LoggerMessage(2003, LogLevel.Warning, "Upgrade {UpgradeId}: {Database} carries the fence of upgrade {Owner}; it was left alone", EventName = "ForeignFenceLeft")]
    public static partial void ForeignFenceLeft(this ILogger logger, Guid upgradeId, string database, Guid owner);

    [LoggerMessage(2004, LogLevel.Warning, "Upgrade {UpgradeId}: drift of {Database} could not be determined before its fence was lifted", EventName = "DriftUnknown")]
    public static partial void DriftUnknown(this ILogger logger, Guid upgradeId, string database, Exception exception);

    [LoggerMessage(2005, LogLevel.Information, "Upgrade {UpgradeId}: backup {BackupId} complete, {Bytes} bytes", EventName = "BackupComplete")]
    public static partial void BackupComplete(this ILogger logger, Guid upgradeId, string backupId, long bytes);

    [LoggerMessage(2006, LogLevel.Warning, "Upgrade {UpgradeId}: backup {BackupId} is damaged and not used", EventName = "BackupDamaged")]
    public static partial void BackupDamaged(this ILogger logger, Guid upgradeId, string backupId, Exception exception);

    [LoggerMessage(2007, LogLevel.Warning, "{Directory} could not be removed", EventName = "DirectoryNotRemoved")]
    public static partial void DirectoryNotRemoved(this ILogger logger, string directory, Exception exception);

    [LoggerMessage(2008, LogLevel.Information, "Backup {Location} removed: only the newest {Keep} are kept", EventName = "BackupRetired")]
    public static partial void BackupRetired(this ILogger logger, string location, int keep);

    [LoggerMessage(2009, LogLevel.Warning, "{Program} ended with exit code {ExitCode}: {Error}", EventName = "ProgramFailed")]
    public static partial void ProgramFailed(this ILogger logger, string program, int exitCode, string error);

    [LoggerMessage(2010, LogLevel.Warning, "Scratch database {Database} could not be dropped; the next restore test of this upgrade drops it", EventName = "ScratchLeft")]
    public static partial void ScratchLeft(this ILogger logger, string database, Exception exception);

    [LoggerMessage(2012, LogLevel.Warning, "Upgrade {UpgradeId}: the copy that proved backup {BackupId} cannot become cluster Y's database; the backup is restored again", EventName = "CopyNotKept")]
    public static partial void CopyNotKept(this ILogger logger, Guid upgradeId, string backupId, Exception exception);

    [LoggerMessage(2013, LogLevel.Warning, "Upgrade {UpgradeId}: the scratch database on the server of cluster Y could not be dropped; it is named kum_scratch_ and the upgrade's id", EventName = "CopyLeft")]
    public static partial void CopyLeft(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(2011, LogLevel.Warning, "The server of cluster Y does not answer; the restore test uses a scratch database at {Database}", EventName = "ScratchOnX")]
    public static partial void ScratchOnX(this ILogger logger, string database);

    [LoggerMessage(2030, LogLevel.Information, "Upgrade {UpgradeId}: the last change of cluster X is young; waiting {Seconds} s until every node serves it", EventName = "PropagationAwaited")]
    public static partial void PropagationAwaited(this ILogger logger, Guid upgradeId, double seconds);

    [LoggerMessage(2031, LogLevel.Warning, "Upgrade {UpgradeId}: a node of cluster X takes up changes only after {Cycle}; it is waited for {Limit}, so it may serve older configuration than cluster Y for a while", EventName = "PropagationCut")]
    public static partial void PropagationCut(this ILogger logger, Guid upgradeId, TimeSpan cycle, TimeSpan limit);

    [LoggerMessage(2032, LogLevel.Information, "Upgrade {UpgradeId}: writes on {Database} are recorded until {EndsAt}", EventName = "JournalInstalled")]
    public static partial void JournalInstalled(this ILogger logger, Guid upgradeId, string database, DateTimeOffset endsAt);

    [LoggerMessage(2033, LogLevel.Warning, "Upgrade {UpgradeId}: writes on {Database} are not recorded", EventName = "JournalNotInstalled")]
    public static partial void JournalNotInstalled(this ILogger logger, Guid upgradeId, string database, Exception exception);

    [LoggerMessage(2034, LogLevel.Information, "Upgrade {UpgradeId}: the journal of {Database} is over and removed (found: {Found})", EventName = "JournalRemoved")]
    public static partial void JournalRemoved(this ILogger logger, Guid upgradeId, string database, bool found);

    [LoggerMessage(2035, LogLevel.Warning, "Upgrade {UpgradeId}: the journal of {Database} is over but could not be removed; it does nothing any more", EventName = "JournalNotRemoved")]
    public static partial void JournalNotRemoved(this ILogger logger, Guid upgradeId, string database, Exception exception);

    [LoggerMessage(2036, LogLevel.Error, "The journals could not be looked after; tried again", EventName = "JournalsNotTended")]
    public static partial void JournalsNotTended(this ILogger logger, Exception exception);

    [LoggerMessage(2037, LogLevel.Error, "{Path} cannot be read; the journal it stands for ends by itself but is not removed: kum journal remove", EventName = "JournalFileUnreadable")]
    public static partial void JournalFileUnreadable(this ILogger logger, string path, Exception exception);

    [LoggerMessage(2021, LogLevel.Warning, "Upgrade {UpgradeId}: node {Node} gave no whole declarative copy", EventName = "DeclarativeCopyFailed")]
    public static partial void DeclarativeCopyFailed(this ILogger logger, Guid upgradeId, string node, Exception exception);
}

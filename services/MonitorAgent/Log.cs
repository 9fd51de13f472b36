namespace KongUpgradeMesh.MonitorAgent;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "Watch {Step} of upgrade {UpgradeId} sees every side it needs", EventName = "WatchEstablished")]
    public static partial void WatchEstablished(this ILogger logger, Guid upgradeId, string step);

    [LoggerMessage(5002, LogLevel.Information, "Watch {Step} of upgrade {UpgradeId}: {Verdict} ({Evidence})", EventName = "VerdictChanged")]
    public static partial void VerdictChanged(this ILogger logger, Guid upgradeId, string step, Contracts.Monitoring.Verdict verdict, string evidence);

    [LoggerMessage(5003, LogLevel.Warning, "What is remembered of cluster X for upgrade {UpgradeId} could not be read or written", EventName = "ReferenceNotKept")]
    public static partial void ReferenceNotKept(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(5004, LogLevel.Warning, "Reading node {Node} of upgrade {UpgradeId} broke", EventName = "NodeReadingBroke")]
    public static partial void NodeReadingBroke(this ILogger logger, Guid upgradeId, string node, Exception exception);

    [LoggerMessage(5005, LogLevel.Warning, "The recording of watch {Step} of upgrade {UpgradeId} ends before the watch", EventName = "NotRecorded")]
    public static partial void NotRecorded(this ILogger logger, Guid upgradeId, string step, Exception? exception);

    [LoggerMessage(5020, LogLevel.Warning, "How cluster X limits rates could not be read for upgrade {UpgradeId} ({Problem}); 429 are judged by an assumption", EventName = "LimitsNotRead")]
    public static partial void LimitsNotRead(this ILogger logger, Guid upgradeId, string problem);
}

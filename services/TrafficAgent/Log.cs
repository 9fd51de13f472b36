using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Warning, "Restoring X for upgrade {UpgradeId} failed with {Code}; tried again in {Pause}", EventName = "RestoreTriedAgain")]
    public static partial void RestoreTriedAgain(this ILogger logger, Guid upgradeId, string code, TimeSpan pause, Exception exception);

    [LoggerMessage(4002, LogLevel.Warning, "Restoring X for upgrade {UpgradeId} although neither cluster can be asked from here", EventName = "RestoredBlind")]
    public static partial void RestoredBlind(this ILogger logger, Guid upgradeId);

    [LoggerMessage(4003, LogLevel.Error, "The intent of upgrade {UpgradeId} could not be written; the restore goes on", EventName = "IntentNotWritten")]
    public static partial void IntentNotWritten(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4004, LogLevel.Warning, "Found an unfinished restore of upgrade {UpgradeId} (epoch {Epoch}); finishing it", EventName = "RestoreFound")]
    public static partial void RestoreFound(this ILogger logger, Guid upgradeId, int epoch);

    [LoggerMessage(4005, LogLevel.Information, "Unfinished {Kind} of upgrade {UpgradeId} is settled: {Outcome}", EventName = "IntentSettled")]
    public static partial void IntentSettled(this ILogger logger, string kind, Guid upgradeId, string outcome);

    [LoggerMessage(4006, LogLevel.Warning, "Unfinished {Kind} of upgrade {UpgradeId} is not settled yet", EventName = "IntentNotSettled")]
    public static partial void IntentNotSettled(this ILogger logger, string kind, Guid upgradeId, Exception exception);

    [LoggerMessage(4007, LogLevel.Warning, "The split of upgrade {UpgradeId} was changed by somebody else ({Seen}); put back once", EventName = "SplitReasserted")]
    public static partial void SplitReasserted(this ILogger logger, Guid upgradeId, string seen);

    [LoggerMessage(4008, LogLevel.Warning, "The split of upgrade {UpgradeId} cannot be looked at; tried again until it can", EventName = "SplitNotSeen")]
    public static partial void SplitNotSeen(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4009, LogLevel.Information, "The share of requests of upgrade {UpgradeId} cannot be seen now", EventName = "ShareNotSeen")]
    public static partial void ShareNotSeen(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4010, LogLevel.Warning, "A drill of upgrade {UpgradeId} failed and could not be taken back", EventName = "DrillNotReturned")]
    public static partial void DrillNotReturned(this ILogger logger, Guid upgradeId, Exception exception);
}

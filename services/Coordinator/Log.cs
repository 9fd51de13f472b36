using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Coordinator;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "Lease of step {Step} of upgrade {UpgradeId} lapsed (attempt {Attempt}): {Reason}", EventName = "LeaseLapsed")]
    public static partial void LeaseLapsed(this ILogger logger, Guid upgradeId, string step, int attempt, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Leases could not be looked at; tried again in a second", EventName = "LeasesNotWatched")]
    public static partial void LeasesNotWatched(this ILogger logger, Exception exception);

    [LoggerMessage(2003, LogLevel.Information, "Start of upgrade {UpgradeId} of cluster {Cluster} accepted for request {RequestId} (repeat: {IsRepeat})", EventName = "StartAccepted")]
    public static partial void StartAccepted(this ILogger logger, string requestId, string cluster, Guid upgradeId, bool isRepeat);

    [LoggerMessage(2004, LogLevel.Warning, "Start for request {RequestId} refused ({Code}): {Problems}", EventName = "StartRefused")]
    public static partial void StartRefused(this ILogger logger, string requestId, string code, string problems);

    [LoggerMessage(2005, LogLevel.Debug, "Beat not sent: the database or the broker does not answer", EventName = "CoordinatorBeatNotSent")]
    public static partial void CoordinatorBeatNotSent(this ILogger logger, Exception exception);
}

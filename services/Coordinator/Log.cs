using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Coordinator;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "Lease of step {Step} of upgrade {UpgradeId} lapsed (attempt {Attempt}): {Reason}", EventName = "LeaseLapsed")]
    public static partial void LeaseLapsed(this ILogger logger, Guid upgradeId, string step, int attempt, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Leases could not be looked at; tried again in a second", EventName = "LeasesNotWatched")]
    public static partial void LeasesNotWatched(this ILogger logger, Exception exception);
}

using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Hosting;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Information, "Step {Step} of upgrade {UpgradeId} accepted (epoch {Epoch}, attempt {Attempt})", EventName = "StepAccepted")]
    public static partial void StepAccepted(this ILogger logger, Guid upgradeId, string step, int epoch, int attempt);

    [LoggerMessage(1002, LogLevel.Information, "Step {Step} of upgrade {UpgradeId} ended: {Outcome}", EventName = "StepEnded")]
    public static partial void StepEnded(this ILogger logger, Guid upgradeId, string step, string outcome);

    [LoggerMessage(1003, LogLevel.Warning, "Step {Step} of upgrade {UpgradeId} failed with {Code}", EventName = "StepFailed")]
    public static partial void StepFailed(this ILogger logger, Guid upgradeId, string step, string code, Exception exception);

    [LoggerMessage(1004, LogLevel.Error, "Step {Step} of upgrade {UpgradeId} met an unknown error", EventName = "StepBroke")]
    public static partial void StepBroke(this ILogger logger, Guid upgradeId, string step, Exception exception);

    [LoggerMessage(1005, LogLevel.Warning, "Step {Step} of upgrade {UpgradeId} refused: epoch {Epoch}, sequence {Sequence}, attempt {Attempt} is older than the newest seen", EventName = "StepRefusedAsOld")]
    public static partial void StepRefusedAsOld(this ILogger logger, Guid upgradeId, string step, int epoch, int sequence, int attempt);

    [LoggerMessage(1006, LogLevel.Information, "Step {Step} of upgrade {UpgradeId} abandoned (attempt {Attempt})", EventName = "StepAbandoned")]
    public static partial void StepAbandoned(this ILogger logger, Guid upgradeId, string step, int attempt);

    [LoggerMessage(1007, LogLevel.Warning, "{Event} of step {Step} of upgrade {UpgradeId} not published; it is tried again where it must arrive", EventName = "EventNotPublished")]
    public static partial void EventNotPublished(this ILogger logger, string @event, Guid upgradeId, string step, Exception exception);

    [LoggerMessage(1009, LogLevel.Information, "Step {Step} of upgrade {UpgradeId} was delivered again after its end (attempt {Attempt}); nothing is done", EventName = "StepRepeated")]
    public static partial void StepRepeated(this ILogger logger, Guid upgradeId, string step, int attempt);

    [LoggerMessage(1008, LogLevel.Debug, "Beat of {Agent} not sent", EventName = "BeatNotSent")]
    public static partial void BeatNotSent(this ILogger logger, string agent, Exception exception);
}

using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TrafficAgent.Marks;
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

    [LoggerMessage(4040, LogLevel.Error, "HAProxy's agent check at {Listen} is not answered", EventName = "AgentCheckNotAnswered")]
    public static partial void AgentCheckNotAnswered(this ILogger logger, System.Net.IPEndPoint listen, Exception exception);
    [LoggerMessage(4020, LogLevel.Warning, "{Cause} puts all traffic of upgrade {UpgradeId} on X and ends epoch {Epoch}: {Reason}", EventName = "StopBegun")]
    public static partial void StopBegun(this ILogger logger, StopCause cause, Guid upgradeId, int epoch, string reason);

    [LoggerMessage(4021, LogLevel.Warning, "{Cause}: all traffic of upgrade {UpgradeId} is on X, after {Took}", EventName = "StopDone")]
    public static partial void StopDone(this ILogger logger, StopCause cause, Guid upgradeId, TimeSpan took);

    [LoggerMessage(4022, LogLevel.Error, "{Cause}: the traffic of upgrade {UpgradeId} stays where it is ({Code})", EventName = "StopHeld")]
    public static partial void StopHeld(this ILogger logger, StopCause cause, Guid upgradeId, string code, Exception exception);

    [LoggerMessage(4023, LogLevel.Warning, "Found an unfinished stop ({Cause}) of upgrade {UpgradeId} (epoch {Epoch}); finishing it", EventName = "StopFound")]
    public static partial void StopFound(this ILogger logger, StopCause cause, Guid upgradeId, int epoch);

    [LoggerMessage(4024, LogLevel.Error, "A note on upgrade {UpgradeId} could not be written; the restore goes on", EventName = "StateNotWritten")]
    public static partial void StateNotWritten(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4025, LogLevel.Debug, "Incidents not reported yet; tried again", EventName = "IncidentsNotReported")]
    public static partial void IncidentsNotReported(this ILogger logger, Exception exception);

    [LoggerMessage(4026, LogLevel.Information, "Incident {Kind} of upgrade {UpgradeId} reported", EventName = "IncidentReported")]
    public static partial void IncidentReported(this ILogger logger, TrafficIncidentKind kind, Guid upgradeId);

    [LoggerMessage(4027, LogLevel.Warning, "A failed verdict on upgrade {UpgradeId} could not be acted on here; the coordinator rolls back", EventName = "ReflexFailed")]
    public static partial void ReflexFailed(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4028, LogLevel.Warning, "Nobody is heard of, and the split of upgrade {UpgradeId} cannot be looked at; tried again", EventName = "DeadManBlind")]
    public static partial void DeadManBlind(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4029, LogLevel.Information, "The split of upgrade {UpgradeId} is over: {Seen}", EventName = "SplitOver")]
    public static partial void SplitOver(this ILogger logger, Guid upgradeId, string seen);

    [LoggerMessage(4030, LogLevel.Error, "The agent's notes on splits cannot be read; the dead-man switch tries again", EventName = "StateNotRead")]
    public static partial void StateNotRead(this ILogger logger, Exception exception);

    [LoggerMessage(4031, LogLevel.Error, "{Cause} of upgrade {UpgradeId} met an unknown error", EventName = "StopBroke")]
    public static partial void StopBroke(this ILogger logger, StopCause cause, Guid upgradeId, Exception exception);

    [LoggerMessage(4008, LogLevel.Warning, "The split of upgrade {UpgradeId} cannot be looked at; tried again until it can", EventName = "SplitNotSeen")]
    public static partial void SplitNotSeen(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4009, LogLevel.Information, "The share of requests of upgrade {UpgradeId} cannot be seen now", EventName = "ShareNotSeen")]
    public static partial void ShareNotSeen(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4010, LogLevel.Warning, "A drill of upgrade {UpgradeId} failed and could not be taken back", EventName = "DrillNotReturned")]
    public static partial void DrillNotReturned(this ILogger logger, Guid upgradeId, Exception exception);

    [LoggerMessage(4032, LogLevel.Warning, "What was changed in the load balancer for the sake of upgrade {UpgradeId} alone could not be put back", EventName = "BalancerNotReleased")]
    public static partial void BalancerNotReleased(this ILogger logger, Guid upgradeId, Exception exception);
}

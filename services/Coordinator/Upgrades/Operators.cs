using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Upgrades;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Answers to operators.</summary>
internal static class Operators
{
    public static Failure RolledBack(UpgradeState saga, RollBackUpgrade command) => ByOperator(saga, "rolled back", command);

    public static Failure Aborted(UpgradeState saga, AbortUpgrade command) => ByOperator(saga, "aborted", command);

    public static Failure NoWayBack(UpgradeState saga) => new()
    {
        Code = FailureCodes.CommandNotPossible,
        Message = "Cluster X is being removed or is gone; there is no way back.",
        Remedy = $"See kum explain {saga.CorrelationId}; to return to the old version, restore the backup as a new upgrade.",
    };

    public static Failure AlreadyDone(UpgradeState saga) => new()
    {
        Code = FailureCodes.CommandNotPossible,
        Message = "The upgrade is complete; there is nothing to try again.",
        Remedy = "Start a new upgrade: kum start -f SPEC",
    };

    public static Failure DoesNotFit(UpgradeState saga) => new()
    {
        Code = FailureCodes.CommandNotPossible,
        Message = $"The upgrade is in state {saga.CurrentState}, where this command means nothing.",
        Remedy = $"See what is possible: kum explain {saga.CorrelationId}",
    };

    public static Task AnswerNotFoundAsync<T>(ConsumeContext<T> context)
        where T : class, IOperatorCommand => AnswerAsync(context, new OperatorCommandAnswered
        {
            UpgradeId = context.Message.UpgradeId,
            Accepted = false,
            State = "",
            Failure = new Failure
            {
                Code = FailureCodes.UpgradeNotFound,
                Message = $"There is no upgrade {context.Message.UpgradeId}.",
                Remedy = "See the known ones: kum list",
            },
        });

    /// <summary>Answers where an answer was asked for; a published command without a response address gets its answer from the timeline.</summary>
    public static Task AnswerAsync(ConsumeContext context, OperatorCommandAnswered answer) =>
        context.ResponseAddress is null ? Task.CompletedTask : context.RespondAsync(answer);

    private static Failure ByOperator(UpgradeState saga, string what, IOperatorCommand command) => new()
    {
        Code = FailureCodes.EndedByOperator,
        Message = $"The upgrade was {what} by {command.Actor}" + (command.Reason.Length > 0 ? $": {command.Reason}" : "."),
        Remedy = $"kum retry {saga.CorrelationId}",
    };
}

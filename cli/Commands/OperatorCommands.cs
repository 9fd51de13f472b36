using System.CommandLine;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary>What a person may tell a running upgrade.</summary>
internal static class OperatorCommands
{
    private static readonly (string Verb, string Description)[] Verbs =
    [
        ("pause", "Stop advancing after the running step; traffic stays as it is and stays watched"),
        ("resume", "Go on after a pause"),
        ("approve", "Open the gate at which the upgrade waits"),
        ("rollback", "Move all traffic to cluster X at once and end the upgrade"),
        ("retry", "Try the failed step again, or start an ended upgrade over"),
        ("abort", "End the upgrade: roll back whatever was done and lift the fence"),
    ];

    public static IEnumerable<Command> Create(SharedOptions shared) => Verbs.Select(verb => Create(shared, verb.Verb, verb.Description));

    private static Command Create(SharedOptions shared, string verb, string description)
    {
        var upgrade = new UpgradeArgument();
        var reason = new Option<string?>("--reason") { Description = "Why, for the timeline" };
        var command = new Command(verb, description) { upgrade.Argument, reason };
        var overrides = new Option<string[]>("--override")
        {
            Description = "A finding that failed and no longer counts, INDICATOR or INDICATOR:ROUTE as kum explain names it; may be repeated; needs --reason",
        };
        if (verb is "resume" or "retry")
        {
            command.Add(overrides);
        }

        return shared.Run(command, async (session, parsed, cancellationToken) =>
        {
            var id = await upgrade.FindAsync(session, parsed, cancellationToken);
            var request = new OperatorRequest { Actor = Session.Actor, Reason = parsed.GetValue(reason), Overrides = parsed.GetValue(overrides) is { Length: > 0 } named ? named : null };
            var answer = await session.Client.CallAsync(api => api.OperateAsync(id, verb, request, cancellationToken), cancellationToken);
            if (!answer.Accepted)
            {
                throw new ApiProblemException(new ApiProblem
                {
                    Failure = answer.Failure ?? new Failure
                    {
                        Code = FailureCodes.CommandNotPossible,
                        Message = $"The coordinator refused {verb} in state {answer.State}.",
                        Remedy = $"kum explain {id} says what is possible now.",
                    },
                });
            }

            session.Print(answer, (output, _) => output.WriteLine($"{verb} is accepted for {id} in state {answer.State}."));
            return ExitCodes.Done;
        });
    }
}

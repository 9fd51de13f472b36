using System.CommandLine;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Cli.Fences;
using KongUpgradeMesh.Cli.Printing;
using KongUpgradeMesh.Cli.Specs;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum fence status|lift</c>: for the day on which neither coordinator nor broker answers. Run where the databases can be reached and the spec's secrets resolve.</summary>
internal static class FenceCommand
{
    public static Command Create(SharedOptions shared) => new("fence", "Look at the write fences, or lift one, without coordinator and broker")
    {
        CreateStatus(shared),
        CreateLift(shared),
    };

    private static Command CreateStatus(SharedOptions shared)
    {
        var file = SpecOption.Create();
        var side = CreateSide(required: false);
        const string Description = "Show whether fences stand, whose, and who tried to write; exit code 1 when one is damaged or a database cannot be asked";
        return shared.Run(new Command("status", Description) { file, side }, async (session, parsed, cancellationToken) =>
        {
            var spec = await LocalSpec.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            ClusterSide[] sides = parsed.GetValue(side) is { } one ? [one] : [ClusterSide.X, ClusterSide.Y];
            IReadOnlyList<FenceReport> reports = await Task.WhenAll(sides.Select(s => new FencedCluster(spec, s, session.Clock).LookAsync(cancellationToken)));
            session.Print(reports, FenceText.Status);
            return reports.Any(static r => r.State is FenceState.Damaged or FenceState.Unknown) ? ExitCodes.Failed : ExitCodes.Done;
        });
    }

    private static Command CreateLift(SharedOptions shared)
    {
        var file = SpecOption.Create();
        var side = CreateSide(required: true);
        var upgrade = new Option<Guid?>("--upgrade") { Description = "Lift only the fence of this upgrade" };
        var force = new Option<bool>("--force") { Description = "Lift it even if it is another upgrade's" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        const string Description = "Remove the write fence of one cluster; a running upgrade notices and stops";
        return shared.Run(new Command("lift", Description) { file, side, upgrade, force, yes }, async (session, parsed, cancellationToken) =>
        {
            var spec = await LocalSpec.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var cluster = new FencedCluster(spec, parsed.GetRequiredValue(side)!.Value, session.Clock);
            var found = await cluster.LookAsync(cancellationToken);
            if (found.State is FenceState.None or FenceState.NoDatabase)
            {
                // Half of a fence may lie about without fencing anything; it is removed as well.
                var rest = found.State == FenceState.None && (await cluster.LiftAsync(Guid.Empty, whosever: false, cancellationToken)).Found;
                session.Print(new FenceLifted(found, rest), static (output, _) => output.WriteLine("No fence stands there."));
                return ExitCodes.Done;
            }

            EnsureMeant(found, parsed.GetValue(upgrade), parsed.GetValue(force));
            if (!parsed.GetValue(yes) && !Confirm(found))
            {
                return ExitCodes.Refused;
            }

            // By the id that was shown: a fence that another upgrade has put up meanwhile was not agreed to.
            var lift = await cluster.LiftAsync(found.UpgradeId ?? Guid.Empty, parsed.GetValue(force), cancellationToken);
            if (lift.Owner is { } other)
            {
                throw Refused($"Meanwhile the fence belongs to upgrade {other}; it was left alone.", "Look again: kum fence status.");
            }

            session.Print(new FenceLifted(found, lift.Found), static (output, lifted) =>
            {
                output.WriteLine($"The fence of cluster {lifted.Was.Side} ({lifted.Was.Database}), put up {FenceText.Owner(lifted.Was)}, is lifted after {lifted.Was.RefusedWrites} refused writes.");
                output.WriteLine("Configuration can be written again. If its upgrade still runs, it is tainted now: kum rollback.");
            });
            return ExitCodes.Done;
        });
    }

    private static Option<ClusterSide?> CreateSide(bool required) => new("--side")
    {
        Description = required ? "x or y: whose fence" : "x or y; both without it",
        Required = required,
        CustomParser = static result => Enum.TryParse<ClusterSide>(result.Tokens[0].Value, ignoreCase: true, out var side) && result.Tokens[0].Value.Length == 1 ? side : Wrong(result),
    };

    private static ClusterSide? Wrong(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError("--side must be x or y");
        return null;
    }

    private static void EnsureMeant(FenceReport found, Guid? meant, bool force)
    {
        if (found.Failure is { } failure)
        {
            throw new StepFailedException(failure);
        }

        if (meant is not null && found.UpgradeId is not null && meant != found.UpgradeId && !force)
        {
            throw Refused($"The fence of cluster {found.Side} was put up {FenceText.Owner(found)}, not by {meant}.", $"End that upgrade (kum abort {found.UpgradeId}), or --force to lift it all the same.");
        }
    }

    private static bool Confirm(FenceReport found)
    {
        var question = $"Lift the fence of cluster {found.Side} ({found.Database}), put up {FenceText.Owner(found)}? [y/N] ";
        if (Console.IsInputRedirected)
        {
            throw Refused("There is no terminal to ask at.", "Say --yes.");
        }

        Console.Error.Write(question);
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static ApiProblemException Refused(string message, string remedy) =>
        new(new ApiProblem { Failure = new Failure { Code = FailureCodes.CommandNotPossible, Message = message, Remedy = remedy } });

    /// <summary>The JSON of <c>kum fence lift</c>.</summary>
    /// <param name="Was">What stood.</param>
    /// <param name="Lifted">Whether there was something to remove.</param>
    internal sealed record FenceLifted(FenceReport Was, bool Lifted);
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Upgrades;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Whether a person's command may let an upgrade go on in spite of what failed it.</summary>
internal static class Overrides
{
    /// <summary>Why the command is not carried out; null when it is. Lists everything at once.</summary>
    public static Failure? RefusalOf(UpgradeState saga, IOverridingCommand command)
    {
        var problems = ProblemsOf(saga, command).ToList();
        return problems.Count == 0 ? null : new Failure
        {
            Code = FailureCodes.CommandNotPossible,
            Message = $"The upgrade does not go on: {string.Join("; ", problems)}.",
            Remedy = RemedyOf(saga),
            Details = problems,
        };
    }

    /// <summary>What lets the upgrade go on, ready to paste; null when only the way back is left.</summary>
    public static string? CommandOf(UpgradeState saga) => saga.FailedFindings.Any(static f => FindingRef.Of(f).IsHardStop)
        ? null
        : $"kum resume {saga.CorrelationId} {string.Join(' ', saga.FailedFindings.Select(static f => $"--override '{FindingRef.Of(f)}'"))} --reason 'WHY'";

    public static string RemedyOf(UpgradeState saga) => saga.FailedFindings.Count == 0
        ? $"See what is possible: kum explain {saga.CorrelationId}"
        : $"All traffic back to cluster X: kum rollback {saga.CorrelationId}" + (CommandOf(saga) is { } command ? $"; or, by your word: {command}" : "");

    private static IEnumerable<string> ProblemsOf(UpgradeState saga, IOverridingCommand command)
    {
        // An ended run is begun anew and judged anew; while it waits, what failed stays failed.
        var isWaiting = saga.EndedAt is null;
        foreach (var named in command.Overrides)
        {
            if (named.IsHardStop)
            {
                yield return $"{named.Indicator} is a hard stop, which nobody can override";
            }
            else if (saga.FailedFindings.Count > 0 ? !saga.FailedFindings.Any(named.Covers) : isWaiting)
            {
                yield return $"{named} names nothing that failed";
            }
        }

        if (command.Overrides.Count > 0 && command.Reason.Trim().Length < VerdictOverride.ShortestReason)
        {
            yield return $"an override needs a reason of at least {VerdictOverride.ShortestReason} characters";
        }

        foreach (var failed in saga.FailedFindings.Where(f => isWaiting && !command.Overrides.Any(o => o.Covers(f))))
        {
            yield return $"{FindingRef.Of(failed)} failed and is not overridden ({failed.Message.TrimEnd('.')})";
        }
    }
}

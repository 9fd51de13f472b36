using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Api;

/// <summary>Finds the upgrade that a person means: by id, by a unique beginning of it, or by the name of its cluster.</summary>
public static class UpgradeFinder
{
    /// <summary>Resolves <paramref name="text"/>; a cluster's name means its active upgrade, or its latest.</summary>
    public static async Task<Guid> FindAsync(UpgradesClient client, string text, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(text, out var id))
        {
            return id;
        }

        var upgrades = await client.CallAsync(api => api.ListAsync(null, null, cancellationToken), cancellationToken);
        var named = upgrades.Where(upgrade => upgrade.Cluster == text)
            .OrderBy(static upgrade => upgrade.EndedAt is null ? 0 : 1)
            .ThenByDescending(static upgrade => upgrade.StartedAt)
            .FirstOrDefault();
        if (named is not null)
        {
            return named.UpgradeId;
        }

        var matching = text.Length < 4
            ? []
            : upgrades.Where(upgrade => upgrade.UpgradeId.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase)).ToArray();
        return matching.Length == 1 ? matching[0].UpgradeId : throw NotFound(text, matching);
    }

    private static ApiProblemException NotFound(string text, UpgradeView[] matching) => new(new ApiProblem
    {
        Failure = new Failure
        {
            Code = FailureCodes.UpgradeNotFound,
            Message = matching.Length == 0
                ? $"No upgrade has the id or cluster name '{text}'."
                : $"'{text}' is the beginning of {matching.Length} upgrades' ids.",
            Remedy = "Give more of the id (at least 4 characters) or the cluster's name; kum list shows both.",
            Details = [.. matching.Select(static upgrade => $"{upgrade.UpgradeId} {upgrade.Cluster}")],
        },
    });
}

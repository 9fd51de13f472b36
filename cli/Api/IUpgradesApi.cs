using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Upgrades;
using Refit;

namespace KongUpgradeMesh.Cli.Api;

/// <summary>The coordinator's REST API, except for its event stream (<see cref="Events.UpgradeEventStream"/>).</summary>
public interface IUpgradesApi
{
    /// <summary>Asks for an upgrade; idempotent by the request's id.</summary>
    [Post("/api/v1/upgrades")]
    Task<UpgradeAccepted> StartAsync([Body] StartUpgradeRequest request, CancellationToken cancellationToken);

    /// <summary>Lists upgrades; null filters nothing.</summary>
    [Get("/api/v1/upgrades")]
    Task<IReadOnlyList<UpgradeView>> ListAsync(bool? active, string? cluster, CancellationToken cancellationToken);

    /// <summary>One upgrade.</summary>
    [Get("/api/v1/upgrades/{id}")]
    Task<UpgradeView> GetAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The timeline's entries with a greater number than <paramref name="after"/>, in order.</summary>
    [Get("/api/v1/upgrades/{id}/timeline")]
    Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid id, long after, CancellationToken cancellationToken);

    /// <summary>Why the upgrade is where it is.</summary>
    [Get("/api/v1/upgrades/{id}/explain")]
    Task<Explanation> ExplainAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Sends an operator's command: <c>pause</c>, <c>resume</c>, <c>approve</c>, <c>rollback</c>, <c>retry</c> or <c>abort</c>.</summary>
    [Post("/api/v1/upgrades/{id}/{verb}")]
    Task<OperatorCommandAnswered> OperateAsync(Guid id, string verb, [Body] OperatorRequest request, CancellationToken cancellationToken);

    /// <summary>Every agent that the coordinator has heard of.</summary>
    [Get("/api/v1/agents")]
    Task<IReadOnlyList<AgentView>> AgentsAsync(CancellationToken cancellationToken);

    /// <summary>Checks a spec without starting anything.</summary>
    [Post("/api/v1/specs/validate")]
    Task ValidateAsync([Body] System.Text.Json.JsonElement spec, CancellationToken cancellationToken);
}

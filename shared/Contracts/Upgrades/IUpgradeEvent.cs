namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>A fact about an upgrade for other systems. All of them reach the exchange <c>kum.events</c>.</summary>
public interface IUpgradeEvent
{
    /// <summary>The requester's own id of the start command, so that the answer can be matched.</summary>
    string RequestId { get; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    DateTimeOffset At { get; }
}

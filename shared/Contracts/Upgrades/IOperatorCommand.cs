namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>A command by a person to a running upgrade; answered by <see cref="OperatorCommandAnswered"/>.</summary>
public interface IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    Guid UpgradeId { get; }

    /// <summary>Who asks, for the timeline.</summary>
    string Actor { get; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    string Reason { get; }
}

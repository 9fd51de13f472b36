using KongUpgradeMesh.Coordinator.Upgrades;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

internal static class Machine
{
    public static UpgradeStateMachine Create() => new(new UpgradeProcedure(Options.Create(new UpgradeOptions())));
}

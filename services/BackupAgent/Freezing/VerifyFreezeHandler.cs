using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>Looks whether both fences hold and both configurations are unchanged; writes nothing.</summary>
public sealed class VerifyFreezeHandler(TimeProvider clock) : IStepHandler<VerifyFreeze>
{
    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<VerifyFreeze> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var x = new FrozenDatabase(command, ClusterSide.X, clock);
        await using var connection = await x.Database.OpenAdminAsync(cancellationToken);
        await x.Fence.RequireAsync(connection, cancellationToken);
        await x.EnsureUnchangedAsync(connection, command.ExpectedX, cancellationToken);
        if (command.ExpectedY is { } expectedY)
        {
            var y = new FrozenDatabase(command, ClusterSide.Y, clock);
            await using var other = await y.Database.OpenAdminAsync(cancellationToken);
            DatabaseIdentity.EnsureDistinct(
                await DatabaseIdentity.ReadAsync(connection, cancellationToken), await DatabaseIdentity.ReadAsync(other, cancellationToken));
            await y.Fence.RequireAsync(other, cancellationToken);
            await y.EnsureUnchangedAsync(other, expectedY, cancellationToken);
        }

        // Read last: a fence that fell while the tables were digested must not pass.
        var status = await x.Fence.RequireAsync(connection, cancellationToken);
        return new FreezeVerified { Step = context.Step, Agent = context.Agent, RefusedWrites = status.RefusedWrites };
    }
}

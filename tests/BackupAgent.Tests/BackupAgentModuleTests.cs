using KongUpgradeMesh.BackupAgent;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class BackupAgentModuleTests
{
    [Fact]
    public async Task Has_a_handler_for_every_step_it_is_sent()
    {
        var state = Directory.CreateTempSubdirectory("kum-agent-");
        await using var app = MeshApplication.Build(
            ["--Agent:Datacenter", "eu1", "--Bus:Transport", "InMemory", "--Agent:StateDirectory", state.FullName], [new BackupAgentModule()]);
        await using var scope = app.Services.CreateAsyncScope();
        Assert.NotNull(scope.ServiceProvider.GetRequiredService<IStepHandler<FreezeConfiguration>>());
        Assert.NotNull(scope.ServiceProvider.GetRequiredService<IStepHandler<GuardFreeze>>());
        Assert.NotNull(scope.ServiceProvider.GetRequiredService<IStepHandler<VerifyFreeze>>());
        Assert.NotNull(scope.ServiceProvider.GetRequiredService<IStepHandler<TakeBackup>>());
        Assert.NotNull(scope.ServiceProvider.GetRequiredService<IStepHandler<UnfreezeConfiguration>>());
        state.Delete(recursive: true);
    }
}

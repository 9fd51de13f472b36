using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Kong.Specs;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Compose;

/// <summary>The compose file on a real container engine.</summary>
public sealed class ComposeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_compose_file_is_valid_with_the_lab_and_without()
    {
        Assert.SkipUnless(ComposeProject.HasEngine, ComposeProject.NoEngine);
        await using var project = new ComposeProject();

        var services = (await project.RunAsync(Token, "config", "--services")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains("coordinator", services);
        Assert.Contains("lab-deploy-agent", services);
    }

    [Fact]
    public async Task The_mesh_in_containers_becomes_healthy_and_completes_an_upgrade_of_the_lab()
    {
        Assert.SkipUnless(ComposeProject.HasEngine, ComposeProject.NoEngine);
        await using var project = new ComposeProject();
        await project.RunAsync(Token, "up", "--build", "--wait", "--wait-timeout", "400");
        foreach (var (service, program) in new[] { ("backup-agent", "pg_dump"), ("deploy-agent", "pg_restore") })
        {
            Assert.Contains("PostgreSQL", await project.RunAsync(Token, "exec", "-T", service, program, "--version"), StringComparison.Ordinal);
        }

        using var client = new UpgradesClient(project.Coordinator);
        var accepted = await StartAsync(project, client);
        var ended = await Eventually.ReachesAsync(
            "the end of the upgrade",
            () => client.CallAsync(api => api.GetAsync(accepted.UpgradeId, Token), Token),
            static view => view.Outcome is not null || view.State == "Paused",
            TimeSpan.FromMinutes(6),
            Token);

        Assert.True(ended.Outcome == UpgradeOutcome.Completed, $"{ended}\n{await project.LogAsync("lab-deploy-agent")}");
    }

    private static async Task<UpgradeAccepted> StartAsync(ComposeProject project, UpgradesClient client)
    {
        var spec = SpecFile.Parse(await project.RunAsync(Token, "exec", "-T", "lab", "cat", "/lab/c1/upgrade.yaml"), "the lab's spec");
        return await client.CallAsync(
            api => api.StartAsync(new StartUpgradeRequest { RequestId = $"compose-{Guid.NewGuid():N}", RequestedBy = "test", Spec = spec }, Token),
            Token);
    }
}

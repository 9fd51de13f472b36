using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.System.Tests.Mesh;

namespace KongUpgradeMesh.System.Tests.Scale;

/// <summary>Many upgrades at once over two datacenters; how many is set by <c>KUM_MANY</c>, for example 20; without it the test is skipped, because it needs a machine of its own for minutes.</summary>
[Collection("mesh of processes")]
public sealed class ManyUpgradesTests(ITestOutputHelper output)
{
    private static readonly LabPacing Pacing = new()
    {
        Steps = [50, 100], MinimumRequests = 5, Dwell = TimeSpan.FromSeconds(5), Soak = TimeSpan.FromSeconds(3), AfterWatch = TimeSpan.FromSeconds(3),
        DecideWithin = TimeSpan.FromMinutes(5),
    };

    [Fact]
    public async Task Upgrades_of_two_datacenters_complete_side_by_side_each_by_its_own_agents()
    {
        Assert.SkipUnless(int.TryParse(Environment.GetEnvironmentVariable("KUM_MANY"), out var count), "KUM_MANY does not say how many upgrades to run at once");
        string[] datacenters = ["eu1", "us1"];
        await using var postgres = await PostgresServer.StartAsync();
        await using var mesh = await MeshOfProcesses.StartAsync(datacenters);
        var upgrades = new List<(string Datacenter, LabUpgrade Upgrade)>();
        try
        {
            var began = TimeProvider.System.GetTimestamp();
            for (var index = 0; index < count; index++)
            {
                var datacenter = datacenters[index % datacenters.Length];
                upgrades.Add((datacenter, await LabUpgrade.StartAsync(mesh, $"many-{index}", datacenter, 6, Pacing, postgres)));
            }

            output.WriteLine($"{count} started after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s");
            foreach (var (datacenter, upgrade) in upgrades)
            {
                await upgrade.AssertCompletedAsync(TimeSpan.FromMinutes(5 + count));
                var agents = (await upgrade.Watch.ReadAsync()).Where(e => e.Kind == "step-accepted").Select(e => e.Actor).Distinct().ToList();
                Assert.NotEmpty(agents);
                Assert.All(agents, agent => Assert.EndsWith($"-{datacenter}", agent));
            }

            output.WriteLine($"{count} completed after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s");
        }
        finally
        {
            foreach (var (_, upgrade) in upgrades)
            {
                await upgrade.DisposeAsync();
            }
        }
    }
}

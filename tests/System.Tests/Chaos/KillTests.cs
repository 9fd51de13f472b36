using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.System.Tests.Mesh;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Chaos;

/// <summary>kill -9 of the product's processes in the middle of real upgrades.</summary>
/// <remarks>One run kills one service in each phase; five runs kill every service in every phase. All five with <c>KUM_CHAOS=full</c>.</remarks>
[Collection("mesh of processes")]
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly string[] Phases = ["Preflight", "Freeze", "Backup", "Assess", "Deploy", "Stage", "Shift", "Soak", "Decommission", "Unfreeze", "AfterWatch"];
    private static readonly LabPacing Pacing = new() { Steps = [10, 100], Dwell = TimeSpan.FromSeconds(4), Soak = TimeSpan.FromSeconds(4), AfterWatch = TimeSpan.FromSeconds(4), DecideWithin = TimeSpan.FromMinutes(3) };

    // The lease is 8 s; the rest is what is done again, and the looks. How long a process takes until it is ready is the machine's doing, and is not counted.
    private static readonly TimeSpan Resumption = TimeSpan.FromSeconds(20);

    public static TheoryData<int> Rotations => Environment.GetEnvironmentVariable("KUM_CHAOS") == "full" ? [0, 1, 2, 3, 4] : [1];

    [Theory]
    [MemberData(nameof(Rotations))]
    public async Task A_service_may_die_in_every_phase_and_the_run_ends_as_it_would_have(int rotation)
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var upgrade = await LabUpgrade.StartAsync(mesh, $"kill-{rotation}", "eu1", 60, Pacing);
        var services = mesh.Services.ToList();
        var slowest = TimeSpan.Zero;
        for (var index = 0; index < Phases.Length; index++)
        {
            var phase = Phases[index];
            var entered = await upgrade.Watch.ReachesAsync($"phase {phase}", t => t.Any(e => e.Kind == "phase-entered" && e.Phase == phase), TimeSpan.FromMinutes(4));
            var victim = services[(rotation + index) % services.Count];
            await victim.KillAsync();
            var last = (await upgrade.Watch.ReadAsync())[^1];
            victim.Start();
            if (last.Kind == "ended")
            {
                break;
            }

            var progress = upgrade.Watch.ReachesAsync($"progress after {victim.Name} died in {phase}", t => t[^1].Sequence > last.Sequence, TimeSpan.FromMinutes(3));
            await Task.WhenAny(progress, mesh.AwaitReadyAsync(victim));
            using var pace = new Pace();
            await progress;
            var took = pace.Elapsed;
            slowest = took > slowest ? took : slowest;
            
            // A short phase may be over by the time the signal lands: the phase that was really hit is the one that counts.
            output.WriteLine($"meant {phase,-12} hit {last.Phase,-12} {victim.Name,-12} killed after {last.Kind,-16} next entry after it was ready again by {pace}");
            Assert.True(entered.Count > 0);
        }

        await upgrade.AssertCompletedAsync(TimeSpan.FromMinutes(4));
        var timeline = await upgrade.Watch.ReadAsync();
        Assert.Equal(Phases, timeline.Where(e => e.Kind == "phase-entered").Select(e => e.Phase));
        Assert.Single(Directory.GetDirectories(Path.Combine(upgrade.Environment.Options.Directory, "backups"), "*", SearchOption.AllDirectories), d => File.Exists(Path.Combine(d, "manifest.json")));
        output.WriteLine($"longest silence {slowest.TotalSeconds:0.0} s, {upgrade.Environment.Clients.Counts.Total} requests, 0 failed");
        Assert.True(slowest < Resumption, $"resumed only after {slowest}");
    }

    [Fact]
    public async Task Traffic_returns_to_x_even_when_coordinator_and_traffic_agent_die_at_the_verdict()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var upgrade = await LabUpgrade.StartAsync(mesh, "kill-rollback", "eu1", 60, Pacing with { Steps = [50, 100], Dwell = TimeSpan.FromSeconds(60) });
        await upgrade.Watch.ReachesAsync("50 % on Y", t => t.Any(e => e.Kind == "traffic-shifted"), TimeSpan.FromMinutes(4));
        await File.WriteAllTextAsync(Path.Combine(upgrade.Environment.Spec.To.Nodes[0].Prefix, "faults.json"), """{"errorRate":0.5}""");
        await upgrade.Watch.ReachesAsync("the verdict", t => t.Any(e => e.Kind == "verdict" && e.Message.Contains("failed", StringComparison.Ordinal)), TimeSpan.FromMinutes(3));
        var killed = TimeProvider.System.GetTimestamp();
        var traffic = mesh.AgentProcesses["traffic-eu1"];
        await Task.WhenAll(mesh.Coordinator.KillAsync(), traffic.KillAsync());
        mesh.Coordinator.Start();
        traffic.Start();

        await upgrade.Watch.ReachesAsync("traffic on X", t => t.Any(e => e.Message.StartsWith("All traffic is on cluster X", StringComparison.Ordinal)), TimeSpan.FromMinutes(3));
        output.WriteLine($"all traffic on X {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:0.0} s after both were killed");
        await upgrade.Watch.ReachesAsync("the end", t => t[^1].Kind == "ended", TimeSpan.FromMinutes(3));
        Assert.All(
            await EndState.VerifyAsync(upgrade.Environment, ClusterSide.X, CancellationToken.None), check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.System.Tests.Mesh;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.System.Tests.Chaos;

/// <summary>Somebody with every right in cluster X's database works against the freeze while traffic is being shifted.</summary>
[Collection("mesh of processes")]
public sealed class TamperingTests(ITestOutputHelper output)
{
    private static readonly LabPacing Pacing = new() { Steps = [50, 100], Dwell = TimeSpan.FromMinutes(3), DecideWithin = TimeSpan.FromMinutes(5) };

    [Fact]
    public async Task A_dropped_trigger_stops_the_shifting_within_ten_seconds_and_the_way_back_is_open()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var upgrade = await LabUpgrade.StartAsync(mesh, "tampered", "eu1", 30, Pacing);
        await upgrade.Watch.ReachesAsync("50 % on Y", t => t.Any(e => e.Kind == "traffic-shifted"), TimeSpan.FromMinutes(3));

        using var pace = new Pace();
        await using (var superuser = new NpgsqlConnection(upgrade.Environment.Postgres.ConnectionString(upgrade.Environment.Spec.From.Database.Name)))
        {
            await superuser.OpenAsync();
            await using var drop = new NpgsqlCommand("DROP TRIGGER kum_fence_rows ON plugins", superuser);
            await drop.ExecuteNonQueryAsync();
        }

        var stopped = await upgrade.Watch.ReachesAsync("the stop", t => t.Any(e => e.Kind == "paused"), TimeSpan.FromMinutes(2));
        var took = pace.Elapsed;
        output.WriteLine($"stopped after the trigger was dropped by {pace}: {stopped.Last(e => e.Kind == "paused").Message}");
        Assert.True(took < TimeSpan.FromSeconds(10), $"stopped only after {pace}");
        Assert.Contains(stopped, e => e.Kind == "tainted");
        var explanation = await mesh.Client.CallAsync(api => api.ExplainAsync(upgrade.UpgradeId, CancellationToken.None), CancellationToken.None);
        Assert.Contains("kum rollback", string.Join(' ', explanation.Commands), StringComparison.Ordinal);

        var answer = await mesh.Client.CallAsync(
            api => api.OperateAsync(upgrade.UpgradeId, "rollback", new OperatorRequest { Actor = "system-test", Reason = "somebody wrote past the fence" }, CancellationToken.None),
            CancellationToken.None);
        Assert.True(answer.Accepted);
        await upgrade.Watch.ReachesAsync("the end", t => t[^1].Kind == "ended", TimeSpan.FromMinutes(3));
        Assert.Single(await upgrade.Watch.ReadAsync(), e => e.Kind == "traffic-shifted" && e.Message.StartsWith("50 %", StringComparison.Ordinal));
        Assert.All(
            await EndState.VerifyAsync(upgrade.Environment, ClusterSide.X, CancellationToken.None), check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));
    }
}

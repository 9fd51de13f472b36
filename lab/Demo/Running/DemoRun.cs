using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Demo.Mesh;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;

namespace KongUpgradeMesh.Lab.Demo.Running;

/// <summary>The main job on embedded defaults: builds an environment and a mesh, upgrades, verifies, measures, reports, and leaves nothing running.</summary>
public sealed class DemoRun(DemoOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Baseline = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AfterEnd = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan AgentsWait = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BeginWait = TimeSpan.FromMinutes(2);
    private const int Agents = 4;

    /// <summary>Runs it once.</summary>
    /// <param name="screen">Shows it.</param>
    /// <param name="cancellationToken">Interrupts; everything that was started is ended before this throws.</param>
    public async Task<DemoResult> RunAsync(DemoScreen screen, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = clock.CreateTimer(_ => limit.Cancel(), null, options.Limit, Timeout.InfiniteTimeSpan);
        try
        {
            await using var environment = await DemoEnvironment.StartAsync(EnvironmentOptions(), clock, screen.Say, limit.Token);
            var database = await environment.Postgres.CreateDatabaseAsync("kum", cancellationToken: limit.Token);
            await using var mesh = await MeshInProcess.StartAsync(
                database, environment.Spec.Datacenter, Path.Combine(options.Directory, "state"), Path.Combine(options.Directory, "mesh.log"), limit.Token);
            screen.Say($"The mesh runs in this process; REST API: {mesh.Address}");
            return await UpgradeAsync(environment, mesh, screen, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LabException($"The demo was not over within {options.Limit.TotalMinutes:0} minutes and was stopped.", exception);
        }
        finally
        {
            CleanUp();
        }
    }

    private async Task<DemoResult> UpgradeAsync(
        DemoEnvironment environment, MeshInProcess mesh, DemoScreen screen, CancellationToken cancellationToken)
    {
        using var client = new UpgradesClient(mesh.Address);
        await AwaitAgentsAsync(client, cancellationToken);

        // The monitor and the reader of the report both want to see what was normal before.
        await Task.Delay(Baseline, clock, cancellationToken);
        var start = new StartUpgradeRequest { RequestId = $"demo-{Guid.NewGuid():N}", RequestedBy = "demo", Spec = SpecFile.ToJson(environment.Spec) };
        var accepted = await client.CallAsync(api => api.StartAsync(start, cancellationToken), cancellationToken);
        await AwaitBeginAsync(client, accepted.UpgradeId, cancellationToken);
        screen.Say($"Upgrade {accepted.UpgradeId} has begun");

        DemoDirector? director = null;
        var upgrade = await screen.ShowAsync(
            environment,
            view =>
            {
                director = new DemoDirector(environment, client, options.Fault, view, screen.Say, clock, cancellationToken);
                return new UpgradeFollower(client, clock).FollowAsync(accepted.UpgradeId, director, cancellationToken);
            },
            cancellationToken);
        await director!.FinishAsync();
        await Task.Delay(AfterEnd, clock, cancellationToken);
        await environment.Clients.StopAsync();
        screen.Say("Verifying the end state");
        var serving = upgrade.Outcome == UpgradeOutcome.Completed ? ClusterSide.Y : ClusterSide.X;
        var endState = await EndState.VerifyAsync(environment, serving, cancellationToken);
        var timeline = new TimelineReading(director.Timeline);
        var result = DemoMeasuring.Measure(environment, upgrade, timeline, options.Fault, director.FaultInjectedAt, endState);
        return await ReportFiles.WriteAsync(Path.Combine(options.Directory, "report"), result, timeline.Entries, cancellationToken);
    }

    private async Task AwaitAgentsAsync(UpgradesClient client, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (await CountAgentsAsync(client, cancellationToken) < Agents)
        {
            if (clock.GetElapsedTime(began) > AgentsWait)
            {
                throw new LabException($"Not all agents were heard of within {AgentsWait.TotalSeconds:0} seconds; see {Path.Combine(options.Directory, "mesh.log")}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
    }

    // Accepted means kept for certain; the upgrade can be asked for a moment later, when its first message was delivered.
    private async Task AwaitBeginAsync(UpgradesClient client, Guid upgradeId, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await client.CallAsync(api => api.GetAsync(upgradeId, cancellationToken), cancellationToken);
                return;
            }
            catch (ApiProblemException unknown) when (unknown.Problem.Failure.Code == FailureCodes.UpgradeNotFound && clock.GetElapsedTime(began) < BeginWait)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
            }
        }
    }

    // Until the coordinator has made its tables it answers that it is not ready.
    private static async Task<int> CountAgentsAsync(UpgradesClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.CallAsync(api => api.AgentsAsync(cancellationToken), cancellationToken)).Count(static a => a.Alive);
        }
        catch (ApiProblemException)
        {
            return 0;
        }
    }

    private DemoEnvironmentOptions EnvironmentOptions() => new()
    {
        Directory = options.Directory,
        KongX = options.KongX,
        KongY = options.KongY,
        RequestsPerSecond = options.RequestsPerSecond,
        Pacing = options.Pacing,
    };

    // The report stays; the rest is gigabytes of nothing to anybody.
    private void CleanUp()
    {
        if (options.Keep || !Directory.Exists(options.Directory))
        {
            return;
        }

        foreach (var entry in new DirectoryInfo(options.Directory).GetFileSystemInfos().Where(static e => e.Name != "report"))
        {
            if (entry is DirectoryInfo directory)
            {
                directory.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }
}

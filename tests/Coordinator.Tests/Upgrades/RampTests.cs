using System.Runtime.CompilerServices;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

/// <summary>While a ramp goes on, cluster Y has traffic and the run has no step that dwells: it must be watched all the same.</summary>
[Collection("coordinator")]
public sealed class RampTests(CoordinatorFixture mesh) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TaskCompletionSource _begun = new();
    private readonly TaskCompletionSource _abandoned = new();

    public void Dispose()
    {
        mesh.Script.Heal<WatchTraffic>();
        mesh.Script.Heal<ShiftTraffic>();
    }

    [Fact]
    public async Task Each_ramp_is_sent_under_a_watch_of_its_own_and_with_the_time_it_takes()
    {
        mesh.Script.On<ShiftTraffic>(static (shift, _) => Task.FromResult<IStepEvent>(((TrafficShifted)AgentScript.Success(shift)) with
        {
            Ramp = new TrafficRamp { From = shift.RampFrom, Increments = 24, Took = shift.Ramp },
        }));
        var id = await mesh.StartAsync(Spec("ramped"));
        await mesh.ReachesAsync(id, "Completed");

        var commands = mesh.Script.Commands.Where(c => c.Step.UpgradeId == id).ToArray();
        var shifts = commands.OfType<ShiftTraffic>().ToArray();
        Assert.Equal([(0, 10), (10, 100)], shifts.Select(static s => (s.RampFrom.WeightY, s.Split.WeightY)));
        foreach (var shift in shifts)
        {
            Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(7)), (shift.Ramp, shift.Timeout));
            var watch = commands.TakeWhile(c => !ReferenceEquals(c, shift)).OfType<WatchTraffic>().Last();
            Assert.Equal(
                ("watch-step-ramp", WatchPurpose.Step, shift.RampFrom, shift.Split, shift.TrafficStep),
                (watch.Step.Name, watch.Purpose, watch.RampFrom, watch.Split, watch.TrafficStep));
            Assert.Null(commands.SkipWhile(c => !ReferenceEquals(c, shift)).OfType<WatchTraffic>().First().RampFrom);
        }

        Assert.Contains(await mesh.TimelineAsync(id), static e => e.Message.StartsWith("100 % of keys are on cluster Y, ramped from 10 % over 120 s in 24 increments", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ramp_is_held_where_it_stands_while_the_clusters_are_not_measured_and_goes_on_afterwards()
    {
        FirstShiftHangs();
        mesh.Script.OnVerdicts(watch => watch.RampFrom is null ? Always(Verdict.Passed) : BlindAmidTheRamp());
        var id = await mesh.StartAsync(Spec("ramp-blind"));
        await mesh.ReachesAsync(id, "Completed");

        Assert.Equal([1, 1, 2], mesh.Script.Commands.OfType<ShiftTraffic>().Where(c => c.Step.UpgradeId == id).Select(static c => c.TrafficStep));
        Assert.Contains(await mesh.TimelineAsync(id), static e => e.Message.StartsWith("The ramp is held", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_breach_amid_the_ramp_rolls_back()
    {
        FirstShiftHangs();
        mesh.Script.OnVerdicts(watch => watch.RampFrom is null ? Always(Verdict.Passed) : FailedAmidTheRamp());
        var id = await mesh.StartAsync(Spec("ramp-breach"));

        Assert.Equal(2, (await mesh.ReachesAsync(id, "RolledBack")).Epoch);
        await _abandoned.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(["shift-traffic", "restore-traffic", "lift-fences"], mesh.Script.StepNames(id).TakeLast(3));
    }

    [Fact]
    public async Task A_pause_ends_the_ramp_at_once_and_a_resume_verifies_and_watches_before_it_goes_on()
    {
        FirstShiftHangs();
        var id = await mesh.StartAsync(Spec("ramp-paused"));
        await _begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the shift at work", async () => (await mesh.ReadAsync(id)) is { Step: "shift-traffic", Agent: not null });
        using var paused = await mesh.OperateAsync(id, "pause");
        await mesh.ReachesAsync(id, "Paused");
        await _abandoned.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Completed");
        var after = mesh.Script.Commands.Where(c => c.Step.UpgradeId == id).SkipWhile(static c => c is not ShiftTraffic).Skip(1).Where(static c => c is Contracts.Backup.VerifyFreeze or WatchTraffic or ShiftTraffic);
        Assert.Equal(["verify-freeze", "watch-step-ramp", "shift-traffic"], after.Take(3).Select(static c => c.Step.Name));
    }

    private static string Spec(string cluster) =>
        SpecText.For(cluster).Replace("\"decideWithin\": \"2m\"", "\"decideWithin\": \"1m\", \"ramp\": \"00:02:00\"", StringComparison.Ordinal);

    private static async IAsyncEnumerable<Verdict> Always(Verdict verdict)
    {
        await Task.Yield();
        yield return verdict;
    }

    private void FirstShiftHangs() => mesh.Script.On<ShiftTraffic>(async (shift, token) =>
    {
        if (_begun.TrySetResult())
        {
            await using var abandoned = token.Register(() => _abandoned.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }

        return AgentScript.Success(shift);
    });

    private async IAsyncEnumerable<Verdict> BlindAmidTheRamp([EnumeratorCancellation] CancellationToken token = default)
    {
        yield return Verdict.Inconclusive;
        await _begun.Task.WaitAsync(token);
        if (!_abandoned.Task.IsCompleted)
        {
            yield return Verdict.Errored;
            await _abandoned.Task.WaitAsync(token);
            yield return Verdict.Inconclusive;
        }
    }

    private async IAsyncEnumerable<Verdict> FailedAmidTheRamp([EnumeratorCancellation] CancellationToken token = default)
    {
        yield return Verdict.Inconclusive;
        await _begun.Task.WaitAsync(token);
        yield return Verdict.Failed;
    }
}

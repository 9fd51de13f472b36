using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>Looks at the fences every few seconds while they should hold; writes nothing. Ends only with a failure or when it is revoked.</summary>
public sealed class GuardFreezeHandler(TimeProvider clock) : IStepHandler<GuardFreeze>
{
    /// <summary>Time from one look to the next. A fence that fell must have stopped the run within ten seconds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<GuardFreeze> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var fences = command.Sides.Distinct().Order().Select(side => new GuardedFence(new FrozenDatabase(command, side, clock), clock)).ToList();
        try
        {
            var announced = false;
            using var timer = new PeriodicTimer(Interval, clock);
            do
            {
                // Side by side: a database that does not answer must not hide what happens to the other.
                var looks = await Task.WhenAll(fences.Select(f => f.LookAsync(cancellationToken)));
                if (!announced && looks.All(static seen => seen))
                {
                    announced = true;
                    await context.Publisher.PublishAsync(
                        new FreezeGuarded { Step = context.Step, Agent = context.Agent, Sides = command.Sides, Interval = Interval }, cancellationToken);
                }

                await ReportRefusalsAsync(context, fences, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            foreach (var fence in fences)
            {
                await fence.DisposeAsync();
            }
        }

        throw new OperationCanceledException(cancellationToken);
    }

    // For people: lost without harm when the broker is away, and the looking goes on.
    private static async Task ReportRefusalsAsync(StepContext<GuardFreeze> context, List<GuardedFence> fences, CancellationToken cancellationToken)
    {
        foreach (var fence in fences)
        {
            if (fence.TakeNews() is { } news)
            {
                await context.Publisher.TryPublishAsync(
                    new WritesRefused { Step = context.Step, Agent = context.Agent, Side = fence.Side, Total = news.Total, Writers = news.Writers }, cancellationToken);
            }
        }
    }
}

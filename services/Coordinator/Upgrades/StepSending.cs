using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Timeline;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Sends steps to agents: cursor, lease, command and timeline entry in one transaction.</summary>
internal static class StepSending
{
    public const string CoordinatorActor = "coordinator";

    /// <summary>Sends a new step of the procedure.</summary>
    public static Task SendStepAsync(this BehaviorContext<UpgradeState> context, UpgradeProcedure procedure, string name)
    {
        var saga = context.Saga;
        saga.Main = new StepCursor { Name = name, Epoch = saga.Epoch, Sequence = saga.Main.Sequence + 1, Attempt = 1, IsOpen = true };
        return context.SendMainAsync(procedure);
    }

    /// <summary>Sends the open step again with the next attempt; the older one is fenced off by it.</summary>
    public static Task SendStepAgainAsync(this BehaviorContext<UpgradeState> context, UpgradeProcedure procedure)
    {
        context.Saga.Main = context.Saga.Main with { Attempt = context.Saga.Main.Attempt + 1, IsOpen = true };
        return context.SendMainAsync(procedure);
    }

    /// <summary>Begins a new watch for what the upgrade does now; the watch before it ends.</summary>
    public static Task SendWatchAsync(this BehaviorContext<UpgradeState> context, string purpose)
    {
        var saga = context.Saga;
        saga.Verdict = null;
        saga.Watch = new StepCursor { Name = $"watch-{purpose}", Epoch = saga.Epoch, Sequence = saga.Watch.Sequence + 1, Attempt = 1, IsOpen = true };
        return context.SendWatchCommandAsync();
    }

    /// <summary>Sends the watch again with the next attempt.</summary>
    public static Task SendWatchAgainAsync(this BehaviorContext<UpgradeState> context)
    {
        // The judgement of the watch before it says nothing about now.
        context.Saga.Verdict = null;
        context.Saga.Watch = context.Saga.Watch with { Attempt = context.Saga.Watch.Attempt + 1, IsOpen = true };
        return context.SendWatchCommandAsync();
    }

    /// <summary>Begins to guard the fences that stand now; the guard before it ends.</summary>
    public static Task SendGuardAsync(this BehaviorContext<UpgradeState> context)
    {
        var saga = context.Saga;
        saga.Guard = new StepCursor { Name = StepNames.GuardFreeze, Epoch = saga.Epoch, Sequence = saga.Guard.Sequence + 1, Attempt = 1, IsOpen = true };
        return context.SendGuardCommandAsync();
    }

    /// <summary>Sends the guard again with the next attempt.</summary>
    public static Task SendGuardAgainAsync(this BehaviorContext<UpgradeState> context)
    {
        context.Saga.Guard = context.Saga.Guard with { Attempt = context.Saga.Guard.Attempt + 1, IsOpen = true };
        return context.SendGuardCommandAsync();
    }

    /// <summary>Lets the traffic agent go of the split. Nothing waits for it: it lies in the agent's queue until the agent takes it.</summary>
    public static async Task ReleaseTrafficAsync(this BehaviorContext<UpgradeState> context)
    {
        var saga = context.Saga;
        var step = saga.RefOf(StepLanes.Main, new StepCursor { Name = StepNames.ReleaseTraffic, Epoch = saga.Epoch, Sequence = saga.Main.Sequence + 1, Attempt = 1 });
        var (kind, command) = context.GetPayload<IServiceProvider>().GetRequiredService<UpgradeProcedure>().CommandFor(saga, step);
        var endpoint = await context.GetSendEndpoint(new Uri($"queue:{AgentQueues.For(kind, command.Datacenter)}"));
        await endpoint.Send(command, command.GetType(), context.CancellationToken);
    }

    /// <summary>Ends what runs in a lane beside the procedure; nothing of it counts any more.</summary>
    public static async Task EndLaneAsync(this BehaviorContext<UpgradeState> context, string lane)
    {
        var cursor = context.Saga.CursorOf(lane) with { IsOpen = false };
        context.Saga.SetCursor(lane, cursor);
        await LeaseWriting.CloseAsync(context, lane);
        await context.RevokeAsync(lane, context.Saga.Epoch, cursor.Sequence + 1, 1);
    }

    public static StepCursor CursorOf(this UpgradeState saga, string lane) => lane switch
    {
        StepLanes.Main => saga.Main,
        StepLanes.Watch => saga.Watch,
        StepLanes.Guard => saga.Guard,
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, "not a lane"),
    };

    public static void SetCursor(this UpgradeState saga, string lane, StepCursor cursor)
    {
        switch (lane)
        {
            case StepLanes.Main:
                saga.Main = cursor;
                break;
            case StepLanes.Watch:
                saga.Watch = cursor;
                break;
            case StepLanes.Guard:
                saga.Guard = cursor;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(lane), lane, "not a lane");
        }
    }

    /// <summary>Marks a step that the coordinator itself carries out by waiting.</summary>
    public static void BeginOwnStep(this UpgradeState saga, string name) =>
        saga.Main = new StepCursor { Name = name, Epoch = saga.Epoch, Sequence = saga.Main.Sequence + 1, Attempt = 1, IsOpen = false };

    /// <summary>Whether <paramref name="step"/> is the newest try of the lane and still open.</summary>
    public static bool IsCurrent(this UpgradeState saga, StepRef step, string lane)
    {
        var cursor = saga.CursorOf(lane);
        return cursor.IsOpen && step.Lane == lane && step.Epoch == cursor.Epoch && step.Sequence == cursor.Sequence && step.Attempt == cursor.Attempt;
    }

    /// <summary>Tells every agent that all older steps of the lane are void.</summary>
    public static Task RevokeAsync(this BehaviorContext<UpgradeState> context, string lane, int epoch, int sequence, int attempt) =>
        context.Publish(new StepsRevoked { UpgradeId = context.Saga.CorrelationId, Lane = lane, Epoch = epoch, Sequence = sequence, Attempt = attempt });

    private static async Task SendMainAsync(this BehaviorContext<UpgradeState> context, UpgradeProcedure procedure)
    {
        var step = context.Saga.RefOf(StepLanes.Main, context.Saga.Main);
        var (kind, command) = procedure.CommandFor(context.Saga, step);
        await context.SendCommandAsync(kind, command);
    }

    private static Task SendWatchCommandAsync(this BehaviorContext<UpgradeState> context) => context.SendCommandAsync(
        AgentKind.Monitor, UpgradeProcedure.WatchFor(context.Saga, context.Saga.RefOf(StepLanes.Watch, context.Saga.Watch)));

    private static Task SendGuardCommandAsync(this BehaviorContext<UpgradeState> context) => context.SendCommandAsync(
        AgentKind.Backup, UpgradeProcedure.GuardFor(context.Saga, context.Saga.RefOf(StepLanes.Guard, context.Saga.Guard)));

    private static async Task SendCommandAsync(this BehaviorContext<UpgradeState> context, AgentKind kind, IStepCommand command)
    {
        var step = command.Step;
        await LeaseWriting.OpenAsync(context, step, kind, command.Datacenter);
        if (step.Attempt > 1 || step.Lane != StepLanes.Main)
        {
            await context.RevokeAsync(step.Lane, step.Epoch, step.Sequence, step.Attempt);
        }

        var endpoint = await context.GetSendEndpoint(new Uri($"queue:{AgentQueues.For(kind, command.Datacenter)}"));
        await endpoint.Send(command, command.GetType(), context.CancellationToken);
        await context.AppendAsync(
            TimelineKinds.StepDispatched,
            CoordinatorActor,
            $"Sent {step.Name} to the {kind.ToString().ToLowerInvariant()} agent of {command.Datacenter}" + (step.Attempt > 1 ? $", attempt {step.Attempt}" : ""),
            new { step.Name, step.Lane, step.Sequence, step.Attempt, kind, command.Datacenter });
    }

    private static StepRef RefOf(this UpgradeState saga, string lane, StepCursor cursor) => new()
    {
        UpgradeId = saga.CorrelationId,
        Cluster = saga.Spec.Cluster,
        Lane = lane,
        Name = cursor.Name,
        Epoch = cursor.Epoch,
        Sequence = cursor.Sequence,
        Attempt = cursor.Attempt,
    };
}

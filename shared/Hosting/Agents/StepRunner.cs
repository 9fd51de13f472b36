using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Runs the steps of one agent in the background: one per upgrade and lane, the newest wins, every end is reported.</summary>
internal sealed class StepRunner(
    AgentKind kind,
    AgentOptions options,
    IReadOnlyDictionary<Type, StepRegistration> registrations,
    IServiceScopeFactory scopes,
    IStepMarks marks,
    IStepPublisher publisher,
    TimeProvider clock,
    ILogger<StepRunner> logger) : IAsyncDisposable
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(45);

    private readonly ConcurrentDictionary<(Guid Upgrade, string Lane), RunningStep> _running = new();
    private readonly SemaphoreSlim _accepting = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();

    public AgentKind Kind => kind;

    public string Agent { get; } = $"{kind.ToString().ToLowerInvariant()}@{options.Name}";

    public Guid InstanceId { get; } = Guid.NewGuid();

    public IReadOnlyList<StepRef> Running => [.. _running.Values.Where(static r => !r.Task.IsCompleted).Select(static r => r.Step)];

    public bool Handles(Type command) => registrations.ContainsKey(command);

    /// <summary>Takes the command unless something newer was seen; its acceptance is confirmed by the broker before the work begins.</summary>
    public async Task AcceptAsync(IStepCommand command, CancellationToken cancellationToken)
    {
        await _accepting.WaitAsync(cancellationToken);
        try
        {
            await AcceptInOrderAsync(command, cancellationToken);
        }
        finally
        {
            _accepting.Release();
        }
    }

    /// <summary>Abandons what the coordinator has moved on from.</summary>
    public void Revoke(StepsRevoked revoked)
    {
        var order = new StepOrder(revoked.Epoch, revoked.Sequence, revoked.Attempt);
        marks.Raise(revoked.UpgradeId, revoked.Lane, order);
        foreach (var running in _running.Values.Where(r => r.Step.UpgradeId == revoked.UpgradeId))
        {
            if (running.Step.Epoch < revoked.Epoch || (running.Step.Lane == revoked.Lane && StepOrder.Of(running.Step) < order))
            {
                logger.StepAbandoned(running.Step.UpgradeId, running.Step.Name, running.Step.Attempt);
                running.Abandon();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values.Select(static r => r.Task)).WaitAsync(TimeSpan.FromSeconds(5), clock, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _accepting.Dispose();
    }

    private async Task AcceptInOrderAsync(IStepCommand command, CancellationToken cancellationToken)
    {
        var step = command.Step;
        if (command.Datacenter != options.Datacenter)
        {
            await RefuseAsync(step, Failures.WrongDatacenter(command.Datacenter, options.Datacenter), cancellationToken);
            return;
        }

        if (!marks.TryAdvance(step))
        {
            logger.StepRefusedAsOld(step.UpgradeId, step.Name, step.Epoch, step.Sequence, step.Attempt);
            await RefuseAsync(step, Failures.Superseded(step), cancellationToken);
            return;
        }

        if (marks.HasEnded(step))
        {
            // Delivered again after its end: the coordinator has the result or will get it. Doing it twice would undo what came after it.
            logger.StepRepeated(step.UpgradeId, step.Name, step.Attempt);
            return;
        }

        await publisher.PublishAsync(
            new StepAccepted { Step = step, Agent = Agent, InstanceId = InstanceId, AcceptedAt = clock.GetUtcNow() }, cancellationToken);
        var key = (step.UpgradeId, step.Lane);
        if (_running.TryGetValue(key, out var current) && current.Step == step && !current.Task.IsCompleted)
        {
            return; // Delivered twice: it is being done.
        }

        current?.Abandon();
        _running[key] = RunningStep.Start(step, token => WorkAsync(command, current?.Task, token), _stopping.Token);
        logger.StepAccepted(step.UpgradeId, step.Name, step.Epoch, step.Attempt);
    }

    private Task RefuseAsync(StepRef step, Failure failure, CancellationToken cancellationToken) =>
        publisher.PublishAsync(new StepFailed { Step = step, Agent = Agent, Failure = failure }, cancellationToken);

    private async Task WorkAsync(IStepCommand command, Task? previous, CancellationToken abandoned)
    {
        if (previous is not null)
        {
            await previous.WaitAsync(options.SupersedeGrace, clock, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var end = await EndOfAsync(command, abandoned);
        if (abandoned.IsCancellationRequested)
        {
            return; // Somebody else's step now; what we would say no longer counts.
        }

        try
        {
            await publisher.PublishAsync(end, abandoned);
            marks.End(command.Step);
            logger.StepEnded(command.Step.UpgradeId, command.Step.Name, end.GetType().Name);
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            logger.StepAbandoned(command.Step.UpgradeId, command.Step.Name, command.Step.Attempt);
        }
    }

    private async Task<IStepEvent> EndOfAsync(IStepCommand command, CancellationToken abandoned)
    {
        // A timer of the runtime holds 49 days at the most.
        using var timeout = new CancellationTokenSource(command.Timeout < LongestTimeout ? command.Timeout : LongestTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, abandoned);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await registrations[command.GetType()].RunAsync(scope.ServiceProvider, command, Agent, publisher, linked.Token);
        }
        catch (StepFailedException exception)
        {
            logger.StepFailed(command.Step.UpgradeId, command.Step.Name, exception.Failure.Code, exception);
            return Failed(command, exception.Failure);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return Failed(command, Failures.TimedOut(command));
        }
        catch (Exception exception)
        {
            logger.StepBroke(command.Step.UpgradeId, command.Step.Name, exception);
            return Failed(command, Failures.Unexpected(Agent, exception));
        }
    }

    private StepFailed Failed(IStepCommand command, Failure failure) => new() { Step = command.Step, Agent = Agent, Failure = failure };
}

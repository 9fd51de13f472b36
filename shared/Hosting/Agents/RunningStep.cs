using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>One step at work in the background.</summary>
internal sealed class RunningStep
{
    private readonly CancellationTokenSource _abandon;

    private RunningStep(StepRef step, CancellationTokenSource abandon, Task task)
    {
        Step = step;
        _abandon = abandon;
        Task = task;
    }

    public StepRef Step { get; }

    public Task Task { get; }

    public static RunningStep Start(StepRef step, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        var abandon = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var task = Task.Run(() => work(abandon.Token), CancellationToken.None);
        return new RunningStep(step, abandon, task);
    }

    public void Abandon() => _abandon.Cancel();
}

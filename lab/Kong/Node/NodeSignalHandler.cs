using System.Runtime.InteropServices;
using KongUpgradeMesh.Lab.StandInKong.Faults;

namespace KongUpgradeMesh.Lab.StandInKong.Node;

/// <summary>nginx's meanings of signals: QUIT ends gracefully, TERM and INT at once, HUP reads the configuration again.</summary>
internal sealed class NodeSignalHandler : IDisposable
{
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _fast = new();

    public NodeSignalHandler(SnapshotKeeper keeper, FaultWatcher faults)
    {
        On(PosixSignal.SIGQUIT, () => _ended.TrySetResult(true));
        On(PosixSignal.SIGTERM, StopFast);
        On(PosixSignal.SIGINT, StopFast);
        On(PosixSignal.SIGHUP, () =>
        {
            faults.Reread();
            _ = keeper.RefreshAsync(CancellationToken.None);
        });
    }

    /// <summary>Completes with the first ending signal; true when it is the graceful one.</summary>
    public Task<bool> Ended => _ended.Task;

    /// <summary>Calls <paramref name="stop"/> when a fast stop is asked for during a graceful one.</summary>
    public IDisposable OnFastStop(Action stop) => _fast.Token.Register(stop);

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _fast.Dispose();
    }

    private void StopFast()
    {
        _ended.TrySetResult(false);
        _fast.Cancel();
    }

    private void On(PosixSignal signal, Action action) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));
}

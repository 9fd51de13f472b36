using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Keeps nothing.</summary>
internal sealed class NoRecording : IWatchRecording
{
    public static NoRecording Instance { get; } = new();

    public void Add(TrafficWatch watch)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

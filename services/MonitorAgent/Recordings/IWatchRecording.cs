using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>The keeping of one watch, ended by disposal.</summary>
public interface IWatchRecording : IAsyncDisposable
{
    /// <summary>Takes the watch after a judgement. Returns at once and never throws.</summary>
    void Add(TrafficWatch watch);
}

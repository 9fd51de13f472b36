using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Keeps what watches see.</summary>
public interface IWatchRecorder
{
    /// <summary>Begins to keep a watch. Never throws: a watch matters more than its recording.</summary>
    /// <param name="command">What is watched.</param>
    /// <param name="reference">What is remembered of X at its start.</param>
    IWatchRecording Begin(WatchTraffic command, Reference? reference);
}

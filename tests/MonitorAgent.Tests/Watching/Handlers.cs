using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>The agent's handler of watches with its state in a test's directory.</summary>
internal static class Handlers
{
    public static WatchTrafficHandler New(IMetricSource source, string directory, TimeProvider? clock = null) =>
        new(source, References(directory), LimitSurveys.Create(), Recorder(directory), clock ?? TimeProvider.System, NullLogger<WatchTrafficHandler>.Instance);

    public static FileReferenceStore References(string directory) => new(Path.Combine(directory, "references"), NullLogger<FileReferenceStore>.Instance);

    public static DirectoryRecorder Recorder(string directory) =>
        new(Path.Combine(directory, "recordings"), new RecordingOptions(), TimeProvider.System, NullLogger<DirectoryRecorder>.Instance);
}

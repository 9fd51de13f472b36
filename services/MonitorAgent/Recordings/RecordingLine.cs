namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>One line of a recording; exactly one of its parts is there.</summary>
internal sealed record RecordingLine
{
    public RecordingHeader? Header { get; init; }

    public RecordedTick? Interval { get; init; }
}

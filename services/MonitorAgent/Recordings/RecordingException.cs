namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>A file is not a recording that can be judged.</summary>
/// <param name="problems">Everything that is wrong with it, one a line.</param>
public sealed class RecordingException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>Everything that is wrong with it.</summary>
    public IReadOnlyList<string> Problems => problems;
}

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>Nothing is judged.</summary>
/// <param name="problems">Everything that is wrong, one a line.</param>
internal sealed class JudgeRefusedException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems => problems;
}

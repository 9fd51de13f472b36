using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>One breaking change of Kong and how to recognise that a configuration is hit by it.</summary>
/// <param name="Id">Stable name, shown to people and used in discussions.</param>
/// <param name="IntroducedIn">First version that behaves the new way; null when it matters for every jump.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Subjects">What is hit; empty when the rule does not concern this cluster.</param>
internal sealed record BreakingChangeRule(
    string Id, string? IntroducedIn, FindingSeverity Severity, string Remedy, Func<AssessedCluster, IEnumerable<string>> Subjects)
{
    private readonly KongVersion? _introducedIn = IntroducedIn is null ? null : KongVersion.Parse(IntroducedIn);

    /// <summary>Whether the jump crosses the version that brought the change.</summary>
    public bool IsCrossed(KongVersion from, KongVersion to) => _introducedIn is not { } introduced || (from < introduced && introduced <= to);
}

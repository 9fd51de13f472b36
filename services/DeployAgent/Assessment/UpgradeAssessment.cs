using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Assessment.Rules;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>What the rules say about one cluster.</summary>
/// <param name="Findings">The severest first.</param>
/// <param name="RulesEvaluated">How many rules the jump crosses.</param>
internal sealed record UpgradeAssessment(IReadOnlyList<AssessmentFinding> Findings, int RulesEvaluated)
{
    public IEnumerable<AssessmentFinding> Blockers => Findings.Where(static f => f.Severity == FindingSeverity.Blocker);

    public static UpgradeAssessment Of(AssessedCluster cluster)
    {
        var rules = RuleBook.All.Where(r => r.IsCrossed(cluster.From, cluster.To)).ToList();
        var findings = from rule in rules
                       from subject in rule.Subjects(cluster)
                       orderby rule.Severity descending
                       select new AssessmentFinding { Rule = rule.Id, Severity = rule.Severity, Subject = subject, Remedy = rule.Remedy };
        return new([.. findings], rules.Count);
    }
}

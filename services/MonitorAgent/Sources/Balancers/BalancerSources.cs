using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers.HAProxy;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers;

/// <summary>Makes the sources of those load balancers that a spec declares.</summary>
public static class BalancerSources
{
    private const string HAProxyKind = HAProxySourceSpec.Kind;

    /// <summary>How many load balancers a spec declares.</summary>
    public static int CountIn(MonitorSpec monitor) => monitor.Sources.Count(static s => s.Kind == HAProxyKind);

    /// <summary>One source for each of them, in their order.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SpecInvalid"/> with every wrong setting.</exception>
    public static IReadOnlyList<IBalancerSource> Of(MonitorSpec monitor, TimeProvider clock)
    {
        var problems = new List<string>();
        var sources = new List<IBalancerSource>();
        foreach (var (index, source) in monitor.Sources.Index().Where(static s => s.Item.Kind == HAProxyKind))
        {
            var options = HAProxySourceSpec.Read(source.Settings, (key, why) => problems.Add($"monitor.sources[{index}].settings.{key} {why}."));
            sources.Add(new HAProxySource(options, clock));
        }

        return problems.Count == 0 ? sources : throw new StepFailedException(new Failure
        {
            Code = FailureCodes.SpecInvalid,
            Message = "The settings of a source of the monitor are wrong.",
            Remedy = "Correct each listed setting; docs/judging.md says what they mean. Then: kum retry.",
            Details = problems,
        });
    }
}

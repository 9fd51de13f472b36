using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers.HAProxy;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers;

/// <summary>Makes the sources of those load balancers that a spec declares.</summary>
public static class BalancerSources
{
    private static readonly Dictionary<string, NewSource> Kinds = new()
    {
        [HAProxySourceSpec.Kind] = static (settings, wrong, clock) => new HAProxySource(HAProxySourceSpec.Read(settings, wrong), clock),
        [NginxSourceSpec.Kind] = static (settings, wrong, clock) => new NginxSource(NginxSourceSpec.Read(settings, wrong).Log, clock),
    };

    private delegate IBalancerSource NewSource(IReadOnlyDictionary<string, string> settings, Action<string, string> wrong, TimeProvider clock);

    /// <summary>How many load balancers a spec declares.</summary>
    public static int CountIn(MonitorSpec monitor) => monitor.Sources.Count(static s => Kinds.ContainsKey(s.Kind));

    /// <summary>One source for each of them, in their order; who reads one disposes of it.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SpecInvalid"/> with every wrong setting.</exception>
    public static IReadOnlyList<IBalancerSource> Of(MonitorSpec monitor, TimeProvider clock)
    {
        var problems = new List<string>();
        var sources = new List<IBalancerSource>();
        foreach (var (index, source) in monitor.Sources.Index().Where(static s => Kinds.ContainsKey(s.Item.Kind)))
        {
            sources.Add(Kinds[source.Kind](source.Settings, (key, why) => problems.Add($"monitor.sources[{index}].settings.{key} {why}."), clock));
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

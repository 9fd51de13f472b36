using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>Names findings: all of one indicator, or those of one route.</summary>
/// <param name="Indicator">The indicator, for example <c>error-rate</c>.</param>
/// <param name="Route">The route as Kong's metrics name it; null means every route and all of them together.</param>
public sealed record FindingRef(string Indicator, string? Route = null)
{
    /// <summary>What nobody may override: without it traffic would be led to a cluster that is known not to serve, or is not seen.</summary>
    public static IReadOnlyList<string> HardStops { get; } = ["ready-nodes", "datastore", "error-ceiling", "version", "visibility", "sample-size"];

    /// <summary>Whether it is one of <see cref="HardStops"/>.</summary>
    [JsonIgnore]
    public bool IsHardStop => HardStops.Contains(Indicator, StringComparer.Ordinal);

    /// <summary>Reads <c>indicator</c> or <c>indicator:route</c>; null when the indicator is empty.</summary>
    /// <param name="text">The text.</param>
    public static FindingRef? Parse(string text)
    {
        var parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        return parts[0].Length == 0 ? null : new FindingRef(parts[0], parts is [_, { Length: > 0 } route] ? route : null);
    }

    /// <summary>The name of a finding.</summary>
    /// <param name="finding">The finding.</param>
    public static FindingRef Of(VerdictFinding finding) => new(finding.Indicator, finding.Route);

    /// <summary>Whether an override of this takes the finding into account. A finding about all routes together may come from the one route that is named.</summary>
    /// <param name="finding">The finding.</param>
    public bool Covers(VerdictFinding finding) => Indicator == finding.Indicator && (Route is null || finding.Route is null || Route == finding.Route);

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Route is null ? Indicator : $"{Indicator}:{Route}";
}

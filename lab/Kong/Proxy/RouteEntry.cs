using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>One route as the router sees it, with one of its paths (or none).</summary>
internal sealed record RouteEntry(RouteDefinition Route, string? Prefix, Regex? Expression)
{
    /// <summary>The path exactly as configured, for <c>X-Forwarded-Prefix</c> of plain paths and for ordering.</summary>
    public int PathLength => Prefix?.Length ?? Expression?.ToString().Length ?? 0;
}

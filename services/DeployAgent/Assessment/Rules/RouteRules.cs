using System.Text.RegularExpressions;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>What the router of 3.x does differently.</summary>
internal static partial class RouteRules
{
    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("ent-route-regex-tilde", "3.0", Info,
            "Migration marks regular expressions in paths with a tilde by itself; convert files, Terraform and decK states that hold the old form.",
            static c => c.RoutePatterns.Where(static p => !p.Pattern.StartsWith('~')).Select(static p => "route " + p.Route).Distinct()),
        new("ent-route-percent", "3.0", Info,
            "Migration decodes percent-encoded characters in plain paths; files that hold the encoded form do not match any more.",
            static c => from r in c.Entities.Routes
                        where (r.Paths ?? []).Any(p => Encoded().IsMatch(p) && c.RoutePatterns.All(x => x.Pattern != p))
                        select "route " + r.Label),
        new("ent-route-percent-regex", "3.0", Warning,
            "Regular expressions are matched against the decoded path: check that an encoded character in one still matches.",
            static c => c.RoutePatterns.Where(static p => Encoded().IsMatch(p.Pattern)).Select(static p => "route " + p.Route).Distinct()),
        new("ent-route-lookaround", "3.0", Blocker,
            "The new router knows neither look-around nor back-references and refuses to start: rewrite the path, or set router_flavor=traditional for cluster Y.",
            static c => c.KeepsTraditionalRouter ? [] : c.RoutePatterns.Where(static p => Unsupported().IsMatch(p.Pattern)).Select(static p => "route " + p.Route).Distinct()),
        new("ent-route-possessive", "3.0", Blocker,
            "Possessive and atomic groups are unknown to the new regex engine: rewrite the path, or set router_flavor=traditional for cluster Y.",
            static c => c.KeepsTraditionalRouter ? [] : c.RoutePatterns.Where(static p => Possessive().IsMatch(p.Pattern)).Select(static p => "route " + p.Route).Distinct()),
        new("ent-route-path-handling-v1", "3.0", Blocker,
            "path_handling v1 does nothing in the new router, so upstreams see other paths: change the routes to v0, or set router_flavor=traditional for cluster Y.",
            static c => c.KeepsTraditionalRouter ? [] : c.Entities.Routes.Where(r => r.PathHandling == "v1" && ChangesPath(c, r)).Select(static r => "route " + r.Label)),
        new("ent-route-path-handling-v1-harmless", "3.0", Info,
            "path_handling v1 is ignored by the new router; this route forwards the same path either way.",
            static c => c.KeepsTraditionalRouter ? [] : c.Entities.Routes.Where(r => r.PathHandling == "v1" && !ChangesPath(c, r)).Select(static r => "route " + r.Label)),
        new("ent-route-multipath-priority", "3.3", Warning,
            "Each path of a route gets its own priority, so another route may win: look at the staging tests of these routes.",
            static c => c.KeepsTraditionalRouter ? [] : c.Entities.Routes
                .Where(r => r.Paths is { Count: > 1 } paths && paths.Select(static p => p.Length).Distinct().Count() > 1)
                .Select(static r => "route " + r.Label)),
        new("ent-route-http-protocols", "3.14", Warning,
            "New routes accept https only by default; state protocols in automation that creates routes.",
            static c => c.Entities.Routes.Count > 0 ? ["default of routes.protocols"] : []),
    ];

    // v1 glues what is left of the path to the service's path without a slash; where nothing is stripped or glued, both handlings agree.
    private static bool ChangesPath(AssessedCluster cluster, Entities.RouteEntity route) =>
        route.StripPath != false && cluster.Entities.Services.Any(s => s.Id == route.ServiceId && s.Path is not null);

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex Encoded();

    [GeneratedRegex(@"\(\?(=|!|<=|<!)|\\[1-9]|\\k[<{']")]
    private static partial Regex Unsupported();

    [GeneratedRegex(@"\(\?>|[*+?}]\+")]
    private static partial Regex Possessive();
}

using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>What the router found.</summary>
/// <param name="Route">The route.</param>
/// <param name="Matched">How many characters of the path its prefix or expression covers.</param>
/// <param name="Captures">The expression's match, for plugins that use its groups.</param>
internal sealed record RouteMatch(RouteDefinition Route, int Matched, Match? Captures);

using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Concrete requests for the routes of a cluster, and the routes for which there can be none.</summary>
/// <param name="Requests">Each with the route it is meant for.</param>
/// <param name="Skipped">Route and reason, one a line.</param>
internal sealed record RouteExamples(IReadOnlyList<(RouteEntity Route, StagingRequest Request)> Requests, IReadOnlyList<string> Skipped)
{
    // In order of preference: only methods that change nothing are sent to real upstreams.
    private static readonly string[] SafeMethods = ["GET", "HEAD", "OPTIONS"];

    /// <param name="entities">Configuration of cluster X.</param>
    /// <param name="version">Version of cluster X, which decides how paths are read.</param>
    /// <param name="maximum">The most requests; more are sampled evenly.</param>
    public static RouteExamples Of(KongEntities entities, KongVersion version, int maximum)
    {
        var requests = new List<(RouteEntity, StagingRequest)>();
        var skipped = new List<string>();
        foreach (var route in entities.Routes)
        {
            if (WhyNot(route) is { } reason)
            {
                skipped.Add($"route {route.Label}: {reason}");
                continue;
            }

            foreach (var (path, failure) in Paths(route, version))
            {
                if (path is null)
                {
                    skipped.Add($"route {route.Label}: {failure}");
                }
                else
                {
                    requests.Add((route, Request(route, path)));
                }
            }
        }

        if (requests.Count > maximum)
        {
            skipped.Add($"{requests.Count - maximum} of {requests.Count} route requests: more than staging.maximumRoutes, sampled evenly");
            requests = [.. Enumerable.Range(0, maximum).Select(i => requests[(int)((long)i * requests.Count / maximum)])];
        }

        return new(requests, skipped);
    }

    private static string? WhyNot(RouteEntity route)
    {
        if (route.Protocols is { Count: > 0 } protocols && !protocols.Contains("http") && !protocols.Contains("https"))
        {
            return $"it serves {string.Join(", ", protocols)}, not HTTP";
        }

        if (route.Expression is not null)
        {
            return "it is described by an expression";
        }

        if (route.Snis is { Count: > 0 })
        {
            return "it is chosen by the name in the TLS handshake";
        }

        if (route.Sources is { ValueKind: System.Text.Json.JsonValueKind.Array } || route.Destinations is { ValueKind: System.Text.Json.JsonValueKind.Array })
        {
            return "it is chosen by network addresses";
        }

        if (Method(route) is null)
        {
            return $"it takes {string.Join(", ", route.Methods ?? [])} only, which may change data";
        }

        return route.Headers is { Count: > 0 } headers && headers.Values.Any(static v => v.Count == 0 || (v[0].StartsWith("~*", StringComparison.Ordinal) && !RegexExample.TryMake(v[0][2..], out _)))
            ? "no example of its headers can be made"
            : null;
    }

    private static IEnumerable<(string? Path, string? Failure)> Paths(RouteEntity route, KongVersion version)
    {
        foreach (var text in route.Paths is { Count: > 0 } paths ? paths : ["/"])
        {
            var path = RoutePath.Read(text, version);
            yield return path.Pattern is null ? (text, null)
                : !RegexExample.TryMake(path.Pattern, out var example) ? (null, $"no example of {text} can be made")
                : example.StartsWith('/') ? (example, null)
                : (null, $"{text} does not begin with a slash");
        }
    }

    private static StagingRequest Request(RouteEntity route, string path)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in route.Headers ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            headers[name] = values[0].StartsWith("~*", StringComparison.Ordinal) && RegexExample.TryMake(values[0][2..], out var example) ? example : values[0];
        }

        return new($"route {route.Label} {path}", Method(route)!, Encoded(path), Host(route), headers);
    }

    private static string? Method(RouteEntity route) =>
        route.Methods is { Count: > 0 } methods ? SafeMethods.FirstOrDefault(methods.Contains) : SafeMethods[0];

    private static string? Host(RouteEntity route) => route.Hosts is [var host, ..]
        ? host.StartsWith("*.", StringComparison.Ordinal) ? "staging" + host[1..] : host.EndsWith(".*", StringComparison.Ordinal) ? host[..^1] + "test" : host
        : null;

    // What is encoded already stays as it is; "?" and "#" would end the path.
    private static string Encoded(string path) =>
        string.Concat(path.Select(static c => c is '?' or '#' or ' ' or '"' or '<' or '>' or '{' or '}' or '|' or '\\' or '^' or '`' or > '~' ? Uri.EscapeDataString(c.ToString()) : c.ToString()));
}

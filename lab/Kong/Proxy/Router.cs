using System.Collections.Concurrent;
using System.Numerics;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Lab.StandInKong.Migrations;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>
/// Finds the route of a request in the order of Kong's traditional router: more kinds of conditions first, then plain before wildcard hosts,
/// more headers, expressions by their priority, longer paths, older routes.
/// </summary>
internal sealed class Router
{
    private const int LargestCache = 5000;
    private readonly RouteEntry[] _entries;
    private readonly bool _cacheable;
    private readonly ConcurrentDictionary<(string Method, string Host, string Path), RouteMatch> _cache = new();

    public Router(IEnumerable<RouteDefinition> routes, Flavour flavour)
    {
        _entries = [.. routes
            .Where(r => !r.HasSnis || r.Paths.Length + r.Hosts.Length + r.Methods.Count + r.Headers.Length > 0)
            .SelectMany(r => Entries(r, flavour))
            .OrderByDescending(e => Categories(e).Count)
            .ThenByDescending(e => Categories(e).Bits)
            .ThenByDescending(e => e.Route.Hosts.Length > 0 && !e.Route.Hosts.Any(h => h.Contains('*', StringComparison.Ordinal)))
            .ThenByDescending(e => e.Route.Headers.Length)
            .ThenByDescending(e => e.Expression is not null)
            .ThenByDescending(e => e.Expression is null ? 0 : e.Route.RegexPriority)
            .ThenByDescending(e => e.PathLength)
            .ThenBy(e => e.Route.CreatedAt)
            .ThenBy(e => e.Route.Id)];
        _cacheable = _entries.All(e => e.Route.Headers.Length == 0);
    }

    public RouteMatch? Find(string method, string host, string path, IHeaderDictionary headers)
    {
        var key = (method, host, path);
        if (_cacheable && _cache.TryGetValue(key, out var known))
        {
            return known;
        }

        foreach (var entry in _entries)
        {
            if (Match(entry, method, host, path, headers) is { } match)
            {
                if (_cacheable)
                {
                    if (_cache.Count > LargestCache)
                    {
                        _cache.Clear();
                    }

                    _cache[key] = match;
                }

                return match;
            }
        }

        return null;
    }

    private static RouteMatch? Match(RouteEntry entry, string method, string host, string path, IHeaderDictionary headers)
    {
        var route = entry.Route;
        if (route.Methods.Count > 0 && !route.Methods.Contains(method))
        {
            return null;
        }

        var length = 0;
        Match? captures = null;
        if (entry.Prefix is not null)
        {
            if (!path.StartsWith(entry.Prefix, StringComparison.Ordinal))
            {
                return null;
            }

            length = entry.Prefix.Length;
        }
        else if (entry.Expression is not null)
        {
            captures = entry.Expression.Match(path);
            if (!captures.Success)
            {
                return null;
            }

            length = captures.Length;
        }

        return HostMatches(route, host) && HeadersMatch(route, headers) ? new RouteMatch(route, length, captures) : null;
    }

    private static bool HostMatches(RouteDefinition route, string host)
    {
        if (route.Hosts.Length == 0)
        {
            return true;
        }

        var name = WithoutPort(host);
        foreach (var wanted in route.Hosts)
        {
            var actual = wanted.Contains(':', StringComparison.Ordinal) ? host : name;
            var matches = wanted.StartsWith('*') ? actual.Length > wanted.Length - 1 && actual.EndsWith(wanted[1..], StringComparison.OrdinalIgnoreCase)
                : wanted.EndsWith('*') ? actual.Length > wanted.Length - 1 && actual.StartsWith(wanted[..^1], StringComparison.OrdinalIgnoreCase)
                : actual.Equals(wanted, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HeadersMatch(RouteDefinition route, IHeaderDictionary headers)
    {
        foreach (var (name, values) in route.Headers)
        {
            var sent = headers[name];
            if (!values.Any(v => v.StartsWith("~*", StringComparison.Ordinal)
                    ? sent.Any(s => s is not null && Regex.IsMatch(s, v[2..], RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                    : sent.Any(s => string.Equals(s, v, StringComparison.OrdinalIgnoreCase))))
            {
                return false;
            }
        }

        return true;
    }

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > 0 && !host.EndsWith(']') ? host[..colon] : host;
    }

    private static IEnumerable<RouteEntry> Entries(RouteDefinition route, Flavour flavour)
    {
        if (route.Paths.Length == 0)
        {
            yield return new RouteEntry(route, null, null);
        }

        foreach (var path in route.Paths)
        {
            // A path with "~" comes from a database that 3.x has migrated; 2.8 understands it although its Admin API refuses it.
            var expression = path.StartsWith('~') ? path[1..] : !flavour.IsThree && PathConversion.IsRegexIn28(path) ? path : null;
            yield return expression is null
                ? new RouteEntry(route, path, null)
                : new RouteEntry(route, null, new Regex("^(?:" + expression + ")", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
        }
    }

    private static (int Count, int Bits) Categories(RouteEntry entry)
    {
        var bits = (entry.Route.Hosts.Length > 0 ? 0x40 : 0) | (entry.Route.Headers.Length > 0 ? 0x20 : 0)
            | (entry.Prefix is not null || entry.Expression is not null ? 0x10 : 0) | (entry.Route.Methods.Count > 0 ? 0x08 : 0)
            | (entry.Route.HasSnis ? 0x04 : 0);
        return (BitOperations.PopCount((uint)bits), bits);
    }
}

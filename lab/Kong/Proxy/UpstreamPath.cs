namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>The path that the upstream gets: the service's path joined with what the route left of the request's path.</summary>
internal static class UpstreamPath
{
    public static string Of(RouteMatch match, ServiceDefinition service, string path, Flavour flavour)
    {
        var rest = match.Route.StripPath ? path[Math.Min(match.Matched, path.Length)..] : path;
        var start = service.Path ?? "/";

        // 3.x's default router takes v1 for v0.
        if (match.Route.PathHandlingV1 && !flavour.IsThree)
        {
            if (start == "/")
            {
                return rest.StartsWith('/') ? rest : "/" + rest;
            }

            // v1 glues: what follows the matched path is appended as it is.
            return match.Route.StripPath
                ? start.EndsWith('/') && rest.StartsWith('/') ? start + rest[1..] : start + rest
                : start.TrimEnd('/') + rest;
        }

        if (start == "/")
        {
            return rest.StartsWith('/') ? rest : "/" + rest;
        }

        if (rest.Length == 0 || rest == "/")
        {
            return rest == "/" && !start.EndsWith('/') ? start + "/" : start;
        }

        return start.TrimEnd('/') + "/" + rest.TrimStart('/');
    }

    // 3.x routes on the decoded path; what goes out must be valid again.
    public static string Escaped(string path)
    {
        foreach (var character in path)
        {
            if (character is <= ' ' or > '~' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}')
            {
                return string.Concat(path.EnumerateRunes().Select(r => r.Value is <= ' ' or > '~' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' ? Uri.EscapeDataString(r.ToString()) : r.ToString()));
            }
        }

        return path;
    }
}

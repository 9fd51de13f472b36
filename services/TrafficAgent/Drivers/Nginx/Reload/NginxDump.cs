using System.Text.RegularExpressions;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>The configuration as <c>nginx -T</c> tells it: every file under a heading with its path.</summary>
internal sealed partial class NginxDump
{
    /// <summary>Has old workers wait for requests that are on their way; nginx ≥ 1.27.4.</summary>
    public const string Grace = "keepalive_min_timeout";

    /// <summary>Bounds how long old workers stay for the sake of open connections.</summary>
    public const string ShutdownTimeout = "worker_shutdown_timeout";

    private const string Heading = "# configuration file ";
    private readonly string _others;

    /// <summary>Takes the output apart.</summary>
    /// <param name="output">What nginx printed; very large ones lack their beginning.</param>
    /// <param name="ownFile">The included file of the agent.</param>
    public NginxDump(string output, string ownFile)
    {
        IsWhole = output.StartsWith(Heading, StringComparison.Ordinal);
        var sections = Headings().Split(output);
        var own = $"{ownFile}:";
        IncludesOwnFile = sections.Any(s => s.StartsWith(own, StringComparison.Ordinal));
        _others = Comments().Replace(string.Concat(sections.Where(s => !s.StartsWith(own, StringComparison.Ordinal))), "");
    }

    /// <summary>Whether nothing is missing; otherwise absence proves nothing.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether the agent's file is part of the configuration.</summary>
    public bool IncludesOwnFile { get; }

    /// <summary>Whether another file than the agent's sets the directive.</summary>
    public bool Sets(string directive) => Regex.IsMatch(_others, $@"(?:^|[;{{}}\s]){directive}\s", RegexOptions.CultureInvariant);

    /// <summary>What the configuration lacks for a split by the agent's file; empty also where it cannot be told.</summary>
    public IEnumerable<string> Problems(NginxReloadOptions options)
    {
        if (!IsWhole)
        {
            yield break;
        }

        if (!IncludesOwnFile)
        {
            yield return $"nginx does not include {options.File}: add \"include {options.File};\" to its http block.";
        }

        if (!_others.Contains("$kum_upstream", StringComparison.Ordinal))
        {
            yield return "Nothing in nginx's configuration uses $kum_upstream: set proxy_pass http://$kum_upstream; where clients are served.";
        }

        var (x, y) = (ServersOf(options.UpstreamX), ServersOf(options.UpstreamY));
        foreach (var (name, servers) in new[] { (options.UpstreamX, x), (options.UpstreamY, y) })
        {
            if (servers.Count == 0)
            {
                yield return $"nginx has no upstream {name} with servers.";
            }
        }

        foreach (var server in x.Intersect(y, StringComparer.Ordinal))
        {
            yield return $"Upstreams {options.UpstreamX} and {options.UpstreamY} share {server}: then a retry could cross sides, and no split says where requests go.";
        }
    }

    private List<string> ServersOf(string upstream) =>
        Regex.Match(_others, $@"(?:^|[;{{}}\s])upstream\s+{Regex.Escape(upstream)}\s*\{{([^}}]*)\}}", RegexOptions.CultureInvariant) is { Success: true } block
            ? [.. Server().Matches(block.Groups[1].Value).Select(static m => m.Groups[1].Value)]
            : [];

    [GeneratedRegex(@"^# configuration file ", RegexOptions.Multiline)]
    private static partial Regex Headings();

    // Only whole-line comments and such after a blank: # may be part of a word.
    [GeneratedRegex(@"(?:^|(?<=\s))#.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"(?:^|[;\s])server\s+([^\s;]+)")]
    private static partial Regex Server();
}

using System.Text.RegularExpressions;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>What nginx's version says of reloads.</summary>
internal static partial class NginxVersion
{
    private static readonly Version WithGrace = new(1, 27, 4);

    /// <summary>The version in what <c>nginx -v</c> prints; null for other programs, whose numbers mean something else.</summary>
    public static Version? Parse(string text) => Words().Match(text) is { Success: true } match ? Version.Parse(match.Groups[1].Value) : null;

    /// <summary>Whether it knows keepalive_min_timeout, without which a reload closes connections under requests that are on their way.</summary>
    public static bool KnowsGrace(Version? version) => version >= WithGrace;

    // OpenResty's first three numbers are those of the nginx in it.
    [GeneratedRegex(@"version:\s*(?:nginx|openresty)/(\d+\.\d+\.\d+)")]
    private static partial Regex Words();
}

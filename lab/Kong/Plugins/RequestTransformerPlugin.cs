using System.Text.RegularExpressions;
using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>request-transformer</c>, as far as it concerns headers.</summary>
internal sealed partial class RequestTransformerPlugin : IProxyPlugin
{
    public string Name => "request-transformer";

    public int Priority => 801;

    public Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var sent = exchange.Context.Request.Headers;
        foreach (var name in RouteDefinition.Strings(instance.Config["remove"]?["headers"]))
        {
            exchange.RequestHeaders[name] = null;
        }

        foreach (var (from, to) in Pairs(instance, "rename"))
        {
            if (sent.TryGetValue(from, out var value))
            {
                exchange.RequestHeaders[from] = null;
                exchange.RequestHeaders[to] = value.ToString();
            }
        }

        foreach (var (name, value) in Pairs(instance, "replace"))
        {
            if (sent.ContainsKey(name))
            {
                exchange.RequestHeaders[name] = Fill(exchange, value);
            }
        }

        foreach (var (name, value) in Pairs(instance, "add"))
        {
            if (!sent.ContainsKey(name))
            {
                exchange.RequestHeaders[name] = Fill(exchange, value);
            }
        }

        return Task.FromResult(false);
    }

    internal static IEnumerable<(string Name, string Value)> Pairs(PluginInstance instance, string action) =>
        RouteDefinition.Strings(instance.Config[action]?["headers"]).Select(h => h.Split(':', 2)).Where(p => p.Length == 2).Select(p => (p[0], p[1]));

    private static string? Fill(ProxyExchange exchange, string template)
    {
        var filled = Capture().Replace(template, m => exchange.Match?.Captures?.Groups[m.Groups[1].Value].Value ?? "");
        return filled.Length == 0 ? null : filled;
    }

    [GeneratedRegex(@"\$\(uri_captures\.([A-Za-z0-9_]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Capture();
}

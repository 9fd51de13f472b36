using System.Net;
using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>ip-restriction</c>: only some addresses, or none of some.</summary>
internal sealed class IpRestrictionPlugin(GatewayAnswer answers) : IProxyPlugin
{
    public string Name => "ip-restriction";

    public int Priority => 990;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var rule = instance.Settings(c => new Rule(Networks(RouteDefinition.Strings(c["allow"])), Networks(RouteDefinition.Strings(c["deny"]))));
        var address = IPAddress.Parse(exchange.ClientAddress);
        if (!rule.Deny.Any(n => n.Contains(address)) && (rule.Allow.Length == 0 || rule.Allow.Any(n => n.Contains(address))))
        {
            return false;
        }

        await answers.ErrorAsync(exchange, (int?)instance.Config["status"] ?? 403, (string?)instance.Config["message"] ?? "Your IP address is not allowed");
        return true;
    }

    private static IPNetwork[] Networks(string[] texts) =>
        [.. texts.Select(t => t.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(t) : new IPNetwork(IPAddress.Parse(t), t.Contains(':', StringComparison.Ordinal) ? 128 : 32))];

    private sealed record Rule(IPNetwork[] Allow, IPNetwork[] Deny);
}

using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>acl</c>: only consumers of some groups, or none of some groups.</summary>
internal sealed class AclPlugin(GatewayAnswer answers) : IProxyPlugin
{
    public string Name => "acl";

    public int Priority => 950;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var rule = instance.Settings(c => new Rule([.. RouteDefinition.Strings(c["allow"])], [.. RouteDefinition.Strings(c["deny"])]));
        if (exchange.Consumer is null)
        {
            if (rule.Allow.Count == 0)
            {
                return false;
            }

            await answers.ErrorAsync(exchange, 401, "Unauthorized");
            return true;
        }

        var groups = exchange.Consumer.Groups;
        if (rule.Allow.Count > 0 ? groups.Overlaps(rule.Allow) : !groups.Overlaps(rule.Deny))
        {
            if ((bool?)instance.Config["hide_groups_header"] != true)
            {
                exchange.RequestHeaders["X-Consumer-Groups"] = string.Join(", ", groups.Order(StringComparer.Ordinal));
            }

            return false;
        }

        await answers.ErrorAsync(exchange, 403, "You cannot consume this service");
        return true;
    }

    private sealed record Rule(HashSet<string> Allow, HashSet<string> Deny);
}

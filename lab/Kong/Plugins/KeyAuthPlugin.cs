using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>key-auth</c>: a key in a header or query argument.</summary>
internal sealed class KeyAuthPlugin(GatewayAnswer answers, Flavour flavour, TimeProvider time) : IProxyPlugin
{
    public string Name => "key-auth";

    public int Priority => flavour.IsThree ? 1250 : 1003;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var request = exchange.Context.Request;
        if ((HttpMethods.IsOptions(request.Method) && (bool?)instance.Config["run_on_preflight"] == false) || AuthenticationResult.IsSettled(exchange, instance))
        {
            return false;
        }

        var key = FindKey(exchange, instance);
        if (key is not null
            && !exchange.RejectsKey
            && exchange.Snapshot.Keys.TryGetValue(key, out var credential)
            && !(credential.ExpiresAt <= time.GetUtcNow())
            && exchange.Snapshot.Consumers.TryGetValue(credential.ConsumerId, out var consumer))
        {
            AuthenticationResult.Accept(exchange, consumer, credential);
            return false;
        }

        if (AuthenticationResult.AcceptAnonymous(exchange, instance))
        {
            return false;
        }

        if (key is null)
        {
            exchange.Context.Response.Headers.WWWAuthenticate = "Key realm=\"kong\"";
        }

        await answers.ErrorAsync(exchange, 401, key is null ? "No API key found in request" : "Invalid authentication credentials");
        return true;
    }

    private static string? FindKey(ProxyExchange exchange, PluginInstance instance)
    {
        var names = instance.Settings(c => RouteDefinition.Strings(c["key_names"]) is { Length: > 0 } configured ? configured : ["apikey"]);
        var hide = (bool?)instance.Config["hide_credentials"] ?? false;
        var request = exchange.Context.Request;
        foreach (var name in names)
        {
            if ((bool?)instance.Config["key_in_header"] != false && request.Headers.TryGetValue(name, out var header) && header.Count > 0)
            {
                if (hide)
                {
                    exchange.RequestHeaders[name] = null;
                }

                return header[0];
            }

            if ((bool?)instance.Config["key_in_query"] != false && request.Query.TryGetValue(name, out var argument) && argument.Count > 0)
            {
                if (hide)
                {
                    exchange.HiddenArguments.Add(name);
                }

                return argument[0];
            }
        }

        return null;
    }
}

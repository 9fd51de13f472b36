using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>What all authentication plugins do with a found consumer, or without one.</summary>
internal static class AuthenticationResult
{
    public static void Accept(ProxyExchange exchange, Consumer consumer, Credential? credential)
    {
        exchange.Consumer = consumer;
        exchange.Credential = credential;
        exchange.IsAnonymous = credential is null;
        exchange.RequestHeaders["X-Consumer-ID"] = consumer.Id.ToString();
        exchange.RequestHeaders["X-Consumer-Username"] = consumer.Username;
        exchange.RequestHeaders["X-Consumer-Custom-ID"] = consumer.CustomId;
        exchange.RequestHeaders["X-Credential-Identifier"] = credential is null ? null : credential.Secret is null ? credential.Id.ToString() : credential.Key;
        exchange.RequestHeaders["X-Anonymous-Consumer"] = credential is null ? "true" : null;
    }

    /// <summary>Lets the anonymous consumer of the configuration in, if there is one; true when it did.</summary>
    public static bool AcceptAnonymous(ProxyExchange exchange, PluginInstance instance)
    {
        if ((string?)instance.Config["anonymous"] is not { Length: > 0 } name)
        {
            return false;
        }

        var consumers = exchange.Snapshot.Consumers;
        var consumer = Guid.TryParse(name, out var id) ? consumers.GetValueOrDefault(id) : consumers.Values.FirstOrDefault(c => c.Username == name);
        if (consumer is null)
        {
            return false;
        }

        Accept(exchange, consumer, null);
        return true;
    }

    /// <summary>With an anonymous consumer configured, somebody whom another plugin has recognised is not asked again.</summary>
    public static bool IsSettled(ProxyExchange exchange, PluginInstance instance) =>
        exchange.Credential is not null && (string?)instance.Config["anonymous"] is { Length: > 0 };
}

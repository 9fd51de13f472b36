using System.Text;
using KongUpgradeMesh.Lab.StandInKong.Admin;
using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>basic-auth</c>: user name and password.</summary>
internal sealed class BasicAuthPlugin(GatewayAnswer answers, Flavour flavour) : IProxyPlugin
{
    public string Name => "basic-auth";

    public int Priority => flavour.IsThree ? 1100 : 1001;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        if (AuthenticationResult.IsSettled(exchange, instance))
        {
            return false;
        }

        var header = exchange.Context.Request.Headers.Authorization.ToString();
        if (Decode(header) is { } login
            && exchange.Snapshot.Passwords.TryGetValue(login.User, out var credential)
            && credential.Secret == EntityDefaults.HashPassword(login.Password, credential.ConsumerId.ToString())
            && exchange.Snapshot.Consumers.TryGetValue(credential.ConsumerId, out var consumer))
        {
            if ((bool?)instance.Config["hide_credentials"] == true)
            {
                exchange.RequestHeaders["Authorization"] = null;
            }

            AuthenticationResult.Accept(exchange, consumer, credential);
            return false;
        }

        if (AuthenticationResult.AcceptAnonymous(exchange, instance))
        {
            return false;
        }

        if (header.Length == 0)
        {
            exchange.Context.Response.Headers.WWWAuthenticate = "Basic realm=\"kong\"";
        }

        await answers.ErrorAsync(exchange, 401, header.Length == 0 ? "Unauthorized" : "Invalid authentication credentials");
        return true;
    }

    private static (string User, string Password)? Decode(string header)
    {
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[6..].Trim(), buffer, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
    }
}

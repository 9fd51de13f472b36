using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>jwt</c>: tokens signed with a shared secret (HS256, HS384, HS512).</summary>
internal sealed class JwtPlugin(GatewayAnswer answers, Flavour flavour, TimeProvider time) : IProxyPlugin
{
    public string Name => "jwt";

    public int Priority => flavour.IsThree ? 1450 : 1005;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        if ((HttpMethods.IsOptions(exchange.Context.Request.Method) && (bool?)instance.Config["run_on_preflight"] == false) || AuthenticationResult.IsSettled(exchange, instance))
        {
            return false;
        }

        var refusal = Check(exchange, instance);
        if (refusal is null || AuthenticationResult.AcceptAnonymous(exchange, instance))
        {
            return false;
        }

        await answers.ErrorAsync(exchange, 401, refusal);
        return true;
    }

    private string? Check(ProxyExchange exchange, PluginInstance instance)
    {
        if (FindToken(exchange, instance) is not { } token)
        {
            return "Unauthorized";
        }

        var parts = token.Split('.');
        if (parts.Length != 3 || Parse(parts[0]) is not { } header || Parse(parts[1]) is not { } claims)
        {
            return "Bad token; invalid JSON";
        }

        var claim = (string?)instance.Config["key_claim_name"] ?? "iss";
        if ((claims[claim] ?? header[claim])?.ToString() is not { Length: > 0 } key)
        {
            return $"No mandatory '{claim}' in claims";
        }

        if (!exchange.Snapshot.Tokens.TryGetValue(key, out var credential))
        {
            return "No credentials found for given '" + claim + "'";
        }

        if (header["alg"]?.ToString() != credential.Algorithm)
        {
            return "Invalid algorithm";
        }

        if (!IsSigned(parts, credential, (bool?)instance.Config["secret_is_base64"] == true))
        {
            return "Invalid signature";
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var name in RouteDefinition.Strings(instance.Config["claims_to_verify"]))
        {
            if (claims[name] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number || (name == "exp" ? (double)value <= now : (double)value > now))
            {
                return name == "exp" ? "token expired" : "token not valid yet";
            }
        }

        if (!exchange.Snapshot.Consumers.TryGetValue(credential.ConsumerId, out var consumer))
        {
            return "Unauthorized";
        }

        AuthenticationResult.Accept(exchange, consumer, credential);
        return null;
    }

    private static string? FindToken(ProxyExchange exchange, PluginInstance instance)
    {
        var request = exchange.Context.Request;
        foreach (var argument in RouteDefinition.Strings(instance.Config["uri_param_names"]))
        {
            if (request.Query.TryGetValue(argument, out var value) && value.Count > 0)
            {
                return value[0];
            }
        }

        foreach (var name in RouteDefinition.Strings(instance.Config["header_names"]))
        {
            var header = request.Headers[name].ToString();
            if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            {
                return header[7..].Trim();
            }
        }

        return null;
    }

    private static bool IsSigned(string[] parts, Credential credential, bool secretIsBase64)
    {
        if (credential.Secret is null || !Base64Url.IsValid(parts[2]))
        {
            return false;
        }

        var secret = secretIsBase64 ? Base64Url.DecodeFromChars(credential.Secret.Replace('+', '-').Replace('/', '_').TrimEnd('=')) : Encoding.UTF8.GetBytes(credential.Secret);
        var data = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        byte[]? expected = credential.Algorithm switch
        {
            "HS256" => HMACSHA256.HashData(secret, data),
            "HS384" => HMACSHA384.HashData(secret, data),
            "HS512" => HMACSHA512.HashData(secret, data),
            _ => null,
        };
        return expected is not null && CryptographicOperations.FixedTimeEquals(expected, Base64Url.DecodeFromChars(parts[2]));
    }

    private static JsonObject? Parse(string part)
    {
        try
        {
            return Base64Url.IsValid(part) ? JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

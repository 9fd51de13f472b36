using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KongUpgradeMesh.DeployAgent.Entities;

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Adds a credential to a request in the way in which a plugin instance expects it.</summary>
internal static class CredentialProof
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <returns>Null when this credential cannot be shown in this way.</returns>
    public static StagingRequest? Apply(StagingRequest request, PluginEntity plugin, CredentialEntity credential, DateTimeOffset now) => plugin.Name switch
    {
        "key-auth" => WithKey(request, plugin, credential),
        "jwt" => WithToken(request, plugin, credential, now),
        "hmac-auth" => WithSignature(request, plugin, credential, now),
        _ => null,
    };

    private static StagingRequest? WithKey(StagingRequest request, PluginEntity plugin, CredentialEntity credential)
    {
        var name = plugin.Texts("key_names") is [var first, ..] ? first : "apikey";
        return !plugin.IsFalse("key_in_header") ? request.WithHeader(name, credential.Key)
            : !plugin.IsFalse("key_in_query") ? request.WithQuery(name, credential.Key)
            : null;
    }

    private static StagingRequest? WithToken(StagingRequest request, PluginEntity plugin, CredentialEntity credential, DateTimeOffset now)
    {
        var secret = plugin.IsTrue("secret_is_base64") ? FromBase64(credential.Secret!) : Encoding.UTF8.GetBytes(credential.Secret!);
        if (secret is null)
        {
            return null;
        }

        var life = plugin.Number("maximum_expiration") is { } most and > 0 && most < (decimal)TokenLife.TotalSeconds ? TimeSpan.FromSeconds((double)most) : TokenLife;
        var head = Part(new Dictionary<string, object> { ["alg"] = credential.Algorithm!, ["typ"] = "JWT" });
        var claims = Part(new Dictionary<string, object>
        {
            [plugin.Text("key_claim_name") ?? "iss"] = credential.Key,
            ["exp"] = (now + life - ClockSkew).ToUnixTimeSeconds(),
            ["nbf"] = (now - ClockSkew).ToUnixTimeSeconds(),
        });
        var signed = Encoding.ASCII.GetBytes($"{head}.{claims}");
        var signature = credential.Algorithm switch
        {
            "HS256" => HMACSHA256.HashData(secret, signed),
            "HS384" => HMACSHA384.HashData(secret, signed),
            "HS512" => HMACSHA512.HashData(secret, signed),
            _ => null, // Kong holds public keys only.
        };
        if (signature is null)
        {
            return null;
        }

        var token = $"{head}.{claims}.{Base64Url(signature)}";
        return plugin.Texts("header_names") is [var header, ..] ? request.WithHeader(header, "Bearer " + token)
            : plugin.At("header_names") is null ? request.WithHeader("Authorization", "Bearer " + token)
            : plugin.Texts("uri_param_names") is [var parameter, ..] ? request.WithQuery(parameter, token)
            : null;
    }

    private static StagingRequest? WithSignature(StagingRequest request, PluginEntity plugin, CredentialEntity credential, DateTimeOffset now)
    {
        // A signature over headers that we do not know the meaning of would be guessing.
        if (plugin.Texts("enforce_headers").Any(static h => !h.Equals("date", StringComparison.OrdinalIgnoreCase)) || plugin.IsTrue("validate_request_body")
            || (plugin.HasElements("algorithms") && plugin.Has("algorithms") && !plugin.Texts("algorithms").Contains("hmac-sha256")))
        {
            return null;
        }

        var date = now.UtcDateTime.ToString("R");
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(credential.Secret!), Encoding.ASCII.GetBytes($"date: {date}")));
        return request
            .WithHeader("Date", date)
            .WithHeader("Authorization", $"hmac username=\"{credential.Key}\", algorithm=\"hmac-sha256\", headers=\"date\", signature=\"{signature}\"");
    }

    private static string Part(Dictionary<string, object> content) => Base64Url(JsonSerializer.SerializeToUtf8Bytes(content));

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[]? FromBase64(string text)
    {
        try
        {
            var standard = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
            return Convert.FromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

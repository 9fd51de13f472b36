using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Schemas;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Turns what a client sent into a complete entity: shorthands, defaults, generated ids, keys and times, hashed passwords.</summary>
internal sealed class EntityDefaults(SchemaCatalog schemas, TimeProvider time)
{
    private const string KeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Replaces <c>url</c> of a service by protocol, host, port and path.</summary>
    public static void ExpandShorthands(EntitySchema schema, JsonObject body)
    {
        if (schema.Table != "services" || body["url"]?.ToString() is not { } url)
        {
            return;
        }

        body.Remove("url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            body["host"] = null;
            return;
        }

        body["protocol"] = parsed.Scheme;
        body["host"] = parsed.Host;
        body["port"] = parsed.Port > 0 ? parsed.Port : parsed.Scheme == "https" ? 443 : 80;
        body["path"] = parsed.AbsolutePath == "/" && !url.EndsWith('/') ? null : parsed.AbsolutePath;
    }

    /// <summary>Fills in everything that is missing in a new entity.</summary>
    public JsonObject Complete(EntitySchema schema, JsonObject body)
    {
        var now = time.GetUtcNow();
        foreach (var field in schema.Fields)
        {
            if (body.ContainsKey(field.Name) && (body[field.Name] is not null || !field.IsAuto))
            {
                if (field.Type == "record" && body[field.Name] is JsonObject record)
                {
                    field.Complete(record);
                }

                continue;
            }

            body[field.Name] = field switch
            {
                { IsTimestamp: true } => Timestamp(field, now),
                { IsUuid: true, IsAuto: true } => Guid.NewGuid().ToString(),
                { IsAuto: true } => RandomNumberGenerator.GetString(KeyAlphabet, 32),
                _ => field.DefaultValue(),
            };
        }

        if (schema.Table == "plugins" && schemas.Plugin(body["name"]?.ToString() ?? "") is { } plugin)
        {
            body["config"] = plugin.Config.Complete(body["config"] as JsonObject ?? []);
        }

        return body;
    }

    public static JsonNode Timestamp(FieldSchema field, DateTimeOffset now) =>
        field.Type == "integer" ? now.ToUnixTimeSeconds() : now.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>What is derived from other fields just before an entity is stored.</summary>
    public static void Derive(EntitySchema schema, JsonObject entity, bool passwordIsNew)
    {
        if (schema.Table == "basicauth_credentials" && passwordIsNew && entity["password"]?.ToString() is { } password)
        {
            entity["password"] = HashPassword(password, (string)entity["consumer"]!["id"]!);
        }

        if (schema.Table == "ca_certificates" && entity["cert"]?.ToString() is { } cert)
        {
            entity["cert_digest"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cert)));
        }
    }

    /// <summary>The hash that both releases store: SHA-1 over the password followed by the consumer's id.</summary>
#pragma warning disable CA5350 // Kong's format, not ours to choose.
    public static string HashPassword(string password, string consumerId) =>
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(password + consumerId)));
#pragma warning restore CA5350
}

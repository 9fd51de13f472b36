using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Lab.StandInKong.Migrations;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>Checks whole entities: their fields, and the rules between fields.</summary>
internal sealed class EntityValidator(SchemaCatalog schemas, Flavour flavour)
{
    /// <summary>Checks a complete entity (defaults filled in); the result is empty when it may be stored.</summary>
    public Violations Check(EntitySchema schema, JsonObject entity)
    {
        var violations = new Violations();
        if (schema.Table == "plugins")
        {
            CheckPlugin(entity, violations);
        }

        foreach (var (field, error) in FieldValidator.CheckRecord(schema.Fields, entity, open: false, requireAll: true) ?? [])
        {
            if (violations.Fields[field] is null)
            {
                violations.Add(field, error!.DeepClone());
            }
        }

        if (!violations.Any)
        {
            CheckTogether(schema, entity, violations);
        }

        return violations;
    }

    private void CheckPlugin(JsonObject entity, Violations violations)
    {
        var name = entity["name"]?.ToString();
        if (name is null)
        {
            return;
        }

        if (schemas.Plugin(name) is not { } plugin)
        {
            violations.Add("name", $"plugin '{name}' not enabled; add it to the 'plugins' configuration property");
            return;
        }

        var config = entity["config"] as JsonObject ?? [];
        if (FieldValidator.CheckRecord(plugin.Config.Fields, config, plugin.Config.IsOpen, requireAll: true) is { } errors)
        {
            violations.Add("config", errors);
            return;
        }

        foreach (var check in (plugin.Definition["entity_checks"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (check["at_least_one_of"] is JsonArray least && least.All(f => IsEmpty(config, f!)))
            {
                violations.AddEntity("at least one of these fields must be non-empty: " + Quoted(least));
            }

            if (check["only_one_of"] is JsonArray only && only.Count(f => !IsEmpty(config, f!)) > 1)
            {
                violations.AddEntity("only one of these fields must be non-empty: " + Quoted(only));
            }
        }

        // 2.8's description of the plugin does not show this rule.
        string[] periods = ["second", "minute", "hour", "day", "month", "year"];
        if (name == "rate-limiting" && !violations.Any && periods.All(p => config[p] is null))
        {
            violations.AddEntity("at least one of these fields must be non-empty: " + string.Join(", ", periods.Select(p => $"'config.{p}'")));
        }
    }

    private void CheckTogether(EntitySchema schema, JsonObject entity, Violations violations)
    {
        switch (schema.Table)
        {
            case "consumers" when entity["username"] is null && entity["custom_id"] is null:
                violations.AddEntity("at least one of these fields must be non-empty: 'custom_id', 'username'");
                break;
            case "routes":
                CheckRoute(entity, violations);
                break;
            case "certificates" when entity["cert"]?.ToString().Contains("BEGIN CERTIFICATE", StringComparison.Ordinal) != true:
                violations.Add("cert", "invalid certificate: no start line");
                break;
        }
    }

    private void CheckRoute(JsonObject route, Violations violations)
    {
        var protocols = (route["protocols"] as JsonArray ?? []).Select(p => p!.ToString()).ToList();
        string[] matchers = ["methods", "hosts", "headers", "paths", "snis"];
        if (protocols.Any(p => p is "http" or "https") && matchers.All(m => route[m] is null or JsonArray { Count: 0 } or JsonObject { Count: 0 }))
        {
            var secure = protocols.Contains("https");
            var names = string.Join(", ", matchers.Where(m => secure || m != "snis").Select(m => $"'{m}'"));
            violations.AddEntity($"must set one of {names} when 'protocols' is '{(secure ? "https" : "http")}'");
        }

        var errors = new JsonArray();
        var any = false;
        foreach (var path in (route["paths"] as JsonArray ?? []).Select(p => p!.ToString()))
        {
            var expression = flavour.IsThree ? (path.StartsWith('~') ? path[1..] : null) : (PathConversion.IsRegexIn28(path) ? path : null);
            var invalid = expression is not null && !IsValidExpression(expression);
            any |= invalid;
            errors.Add(invalid ? (JsonNode)$"invalid regex: '{expression}' (PCRE returned: pcre_compile() failed: missing ) in \"{expression}\")" : null);
        }

        if (any)
        {
            violations.Add("paths", errors);
        }
    }

    private static bool IsValidExpression(string expression)
    {
        try
        {
            _ = new Regex(expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsEmpty(JsonObject config, JsonNode path)
    {
        JsonNode? node = config;
        foreach (var segment in path.ToString().Split('.').Skip(1))
        {
            node = (node as JsonObject)?[segment];
        }

        return node is null or JsonArray { Count: 0 };
    }

    private static string Quoted(JsonArray names) => string.Join(", ", names.Select(n => $"'{n}'"));
}

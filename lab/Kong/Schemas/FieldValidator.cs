using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>Checks values against field descriptions and gives the errors the words that Kong gives them.</summary>
internal static class FieldValidator
{
    /// <summary>Checks the fields of one record; returns null when nothing is wrong.</summary>
    public static JsonObject? CheckRecord(IReadOnlyList<FieldSchema> fields, JsonObject record, bool open, bool requireAll)
    {
        var errors = new JsonObject();
        if (!open)
        {
            foreach (var (key, _) in record)
            {
                if (fields.All(f => f.Name != key))
                {
                    errors[key] = "unknown field";
                }
            }
        }

        foreach (var field in fields)
        {
            if (!record.ContainsKey(field.Name) && !requireAll)
            {
                continue;
            }

            if (Check(field, record[field.Name], requireAll) is { } error)
            {
                errors[field.Name] = error;
            }
        }

        return errors.Count == 0 ? null : errors;
    }

    public static JsonNode? Check(FieldSchema field, JsonNode? value, bool requireAll)
    {
        if (value is null)
        {
            return field.IsRequired && !field.IsAuto && field.DefaultValue() is null ? "required field missing" : null;
        }

        return field.Type switch
        {
            "string" => CheckString(field, value),
            "integer" or "number" => CheckNumber(field, value),
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : "expected a boolean",
            "array" or "set" => CheckList(field, value, requireAll),
            "map" => value is JsonObject map ? CheckMap(field, map, requireAll) : "expected a map",
            "record" => value is JsonObject record ? CheckRecord(field.Fields, record, field.IsOpen, requireAll) : "expected a record",
            "foreign" => CheckForeign(value),
            _ => null,
        };
    }

    private static JsonNode? CheckString(FieldSchema field, JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            return "expected a string";
        }

        var text = (string)value!;
        var definition = field.Definition;
        if (text.Length == 0 && (int?)definition["len_min"] is not 0 && definition["len_min"] is not null)
        {
            return "length must be at least 1";
        }

        if (field.IsUuid && !Guid.TryParseExact(text, "D", out _))
        {
            return "expected a valid UUID";
        }

        if (definition["one_of"] is JsonArray allowed && !allowed.Any(a => a!.ToString() == text))
        {
            return "expected one of: " + string.Join(", ", allowed.Select(a => a!.ToString()));
        }

        if ((string?)definition["starts_with"] is { } start && !text.StartsWith(start, StringComparison.Ordinal))
        {
            return "should start with: " + start;
        }

        if (definition["match_any"] is JsonObject any && any["patterns"] is JsonArray patterns && !patterns.Any(p => LuaMatches((string)p!, text)))
        {
            return (string?)any["err"] ?? "invalid value: " + text;
        }

        if (definition["match_none"] is JsonArray none && none.OfType<JsonObject>().FirstOrDefault(n => LuaMatches((string)n["pattern"]!, text)) is { } hit)
        {
            return (string?)hit["err"] ?? "invalid value: " + text;
        }

        if (definition["match_all"] is JsonArray all && all.OfType<JsonObject>().FirstOrDefault(n => !LuaMatches((string)n["pattern"]!, text)) is { } miss)
        {
            return (string?)miss["err"] ?? "invalid value: " + text;
        }

        return (string?)definition["match"] is { } match && !LuaMatches(match, text) ? "invalid value: " + text : null;
    }

    private static JsonNode? CheckNumber(FieldSchema field, JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
        {
            return field.Type == "integer" ? "expected an integer" : "expected a number";
        }

        var number = JsonNumber.Of(value);
        if (field.Type == "integer" && number != Math.Floor(number))
        {
            return "expected an integer";
        }

        if (field.Definition["between"] is JsonArray between && (number < (double)between[0]! || number > (double)between[1]!))
        {
            return $"value should be between {between[0]} and {between[1]}";
        }

        if (field.Definition["one_of"] is JsonArray allowed && !allowed.Any(a => (double)a! == number))
        {
            return "expected one of: " + string.Join(", ", allowed.Select(a => a!.ToString()));
        }

        return field.Definition["gt"] is { } floor && number <= (double)floor ? $"value must be greater than {floor}" : null;
    }

    private static JsonNode? CheckList(FieldSchema field, JsonNode value, bool requireAll)
    {
        if (value is not JsonArray list)
        {
            return field.Type == "set" ? "expected a set" : "expected an array";
        }

        if (field.Elements is null)
        {
            return null;
        }

        var errors = new JsonArray();
        var any = false;
        foreach (var item in list)
        {
            var error = Check(field.Elements, item, requireAll);
            any |= error is not null;
            errors.Add(error);
        }

        return any ? errors : null;
    }

    private static JsonObject? CheckMap(FieldSchema field, JsonObject map, bool requireAll)
    {
        var errors = new JsonObject();
        foreach (var (key, value) in map)
        {
            if (field.Values is not null && Check(field.Values, value, requireAll) is { } error)
            {
                errors[key] = error;
            }
        }

        return errors.Count == 0 ? null : errors;
    }

    private static JsonNode? CheckForeign(JsonNode value)
    {
        if (value is not JsonObject reference)
        {
            return "expected a record";
        }

        if (reference["id"] is not JsonValue id || id.GetValueKind() != JsonValueKind.String)
        {
            return new JsonObject { ["id"] = "missing primary key" };
        }

        return Guid.TryParseExact((string?)id, "D", out _) ? null : new JsonObject { ["id"] = "expected a valid UUID" };
    }

    // The few Lua patterns in Kong's schemas differ from regular expressions in the escape character and in %u.
    private static bool LuaMatches(string pattern, string text)
    {
        var expression = pattern.Replace("%u", "[A-Z]", StringComparison.Ordinal).Replace("%d", "[0-9]", StringComparison.Ordinal)
            .Replace("%w", "[A-Za-z0-9]", StringComparison.Ordinal).Replace("%s", "\\s", StringComparison.Ordinal).Replace('%', '\\');
        return Regex.IsMatch(text, expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}

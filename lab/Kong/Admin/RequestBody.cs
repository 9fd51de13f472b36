using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Schemas;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Reads the body of a write: JSON, or a form with dotted names as curl sends it.</summary>
internal static class RequestBody
{
    public static async Task<JsonObject> ReadAsync(HttpContext context, EntitySchema? schema, CancellationToken cancellationToken)
    {
        if (context.Request.HasFormContentType)
        {
            return FromForm(await context.Request.ReadFormAsync(cancellationToken), schema);
        }

        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancellationToken);
        if (buffer.Length == 0)
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(buffer.ToArray()) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new AdminErrorException(AdminAnswer.Message(400, "Cannot parse JSON body"));
        }
    }

    private static JsonObject FromForm(IFormCollection form, EntitySchema? schema)
    {
        var root = new JsonObject();
        foreach (var (name, values) in form)
        {
            var segments = name.Split('.');
            var record = root;
            foreach (var segment in segments[..^1])
            {
                if (record[segment] is not JsonObject inner)
                {
                    record[segment] = inner = [];
                }

                record = inner;
            }

            var last = segments[^1];
            var isList = last.Contains('[', StringComparison.Ordinal) || values.Count > 1 || (segments.Length == 1 && schema?.Field(last)?.IsList == true);
            last = last.Split('[')[0];
            if (isList)
            {
                record[last] ??= new JsonArray();
                foreach (var value in values)
                {
                    ((JsonArray)record[last]!).Add(Typed(value ?? "", segments.Length == 1 ? schema?.Field(last)?.Elements : null));
                }
            }
            else
            {
                record[last] = Typed(values.ToString(), segments.Length == 1 ? schema?.Field(last) : null);
            }
        }

        return root;
    }

    // A form knows only strings; where the schema does not say otherwise, numbers and booleans are taken for what they look like.
    private static JsonNode? Typed(string text, FieldSchema? field) => field?.Type switch
    {
        "string" => text,
        _ when text.Length == 0 => null,
        _ when bool.TryParse(text, out var flag) => flag,
        _ when long.TryParse(text, out var number) => number,
        _ => text,
    };
}

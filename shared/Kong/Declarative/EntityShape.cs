using System.Buffers;
using System.Text.Json;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Turns an entity of the Admin API into decK's form: no times, no empty fields, no link to the parent it stands in, links to others by bare id.</summary>
internal static class EntityShape
{
    /// <summary>The entity with its children.</summary>
    /// <param name="entity">As the Admin API shows it.</param>
    /// <param name="dropped">Fields left out.</param>
    /// <param name="linked">Fields whose <c>{"id": …}</c> becomes the id.</param>
    /// <param name="children">Lists added; empty ones are left out.</param>
    public static JsonElement Compose(JsonElement entity, string[] dropped, string[] linked, params IEnumerable<(string Field, IReadOnlyList<JsonElement> Entities)> children)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var field in entity.EnumerateObject().Where(f => f.Value.ValueKind != JsonValueKind.Null && f.Name is not ("created_at" or "updated_at") && !dropped.Contains(f.Name)))
            {
                json.WritePropertyName(field.Name);
                var value = linked.Contains(field.Name) && field.Value.ValueKind == JsonValueKind.Object && field.Value.TryGetProperty("id", out var id) ? id : field.Value;
                value.WriteTo(json);
            }

            foreach (var (field, entities) in children.Where(static c => c.Entities.Count > 0))
            {
                json.WriteStartArray(field);
                foreach (var child in entities)
                {
                    child.WriteTo(json);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>Id of an entity.</summary>
    /// <exception cref="DeclarativeExportException">It has none.</exception>
    public static string IdOf(JsonElement entity) =>
        entity.TryGetProperty("id", out var id) && id.GetString() is { } text ? text : throw new DeclarativeExportException("the Admin API listed an entity without an id");

    /// <summary>Id of the entity that a field links to; null when it links to none.</summary>
    public static string? LinkOf(JsonElement entity, string field) =>
        entity.TryGetProperty(field, out var link) && link.ValueKind == JsonValueKind.Object ? IdOf(link) : null;
}

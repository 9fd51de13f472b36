using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>
/// jsonb refuses U+0000, and the text of an agent's failure may hold one (cut-off binary output): it would make the
/// saga unwritable for good, so it is replaced.
/// </summary>
internal sealed class StorableTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Contains('\0') ? value.Replace('\0', '\uFFFD') : value);
}

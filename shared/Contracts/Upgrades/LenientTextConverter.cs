using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Reads text, and reads anything else as null instead of failing: a foreign message with one wrong field must still be answered.</summary>
public sealed class LenientTextConverter : JsonConverter<string?>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

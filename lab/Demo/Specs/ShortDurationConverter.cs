using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Specs;

/// <summary>Writes durations with a unit, as people do; <c>00:00:05</c> would be the number 5 to readers of YAML 1.1.</summary>
internal sealed class ShortDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("The lab writes specs; the coordinator reads them.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(
        value.Ticks % TimeSpan.TicksPerSecond == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms"));
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Recordings are JSON, one document a line: the header, then one line for every interval.</summary>
internal static class RecordingFormat
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new TallyConverter(), new JsonStringEnumConverter() },
    };

    // What is unknown is said in a header, where a reader asks for it, and left out of the many intervals.
    private static readonly JsonSerializerOptions Whole = new(Json) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public static byte[] Header(RecordingHeader header) => Line("header", header, Whole);

    public static byte[] Interval(RecordedTick interval) => Line("interval", interval, Json);

    private static byte[] Line<T>(string name, T content, JsonSerializerOptions options) => [.. JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, T> { [name] = content }, options), (byte)'\n'];
}

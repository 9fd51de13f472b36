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

    public static byte[] Write(RecordingLine line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, Json), (byte)'\n'];
}

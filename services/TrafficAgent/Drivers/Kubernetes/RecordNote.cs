using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>The record as text of an annotation, readable for people, with what it covers: which backend was Y, the number of places, and of rules that led to Y alone before.</summary>
internal sealed record RecordNote(Guid UpgradeId, int Epoch, int Step, int WeightY, string BackendY, int Places, int WithoutX, uint Seal)
{
    /// <summary>Name of the annotation.</summary>
    public const string Annotation = "kong-upgrade-mesh/record";

    /// <summary>Pointer to the annotation.</summary>
    public static readonly string Pointer = "/metadata/annotations/" + JsonPointers.Escape(Annotation);

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <summary>The note of a record.</summary>
    public static string Write(TrafficRecord record, string backendY, int places, int withoutX) =>
        JsonSerializer.Serialize(new RecordNote(record.UpgradeId, record.Epoch, record.Step, record.Split.WeightY, backendY, places, withoutX, record.Seal), Format);

    /// <summary>Reads an annotation; null when it is none of ours.</summary>
    public static RecordNote? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<RecordNote>(text, Format) is { WeightY: >= 0 and <= 100 } note ? note : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The record, whether its seal is right or not.</summary>
    public TrafficRecord ToRecord() => new() { UpgradeId = UpgradeId, Epoch = Epoch, Step = Step, Split = new TrafficSplit { WeightY = WeightY } };
}

using System.Text.Json;
using System.Text.Json.Serialization;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Writes a tally whole, and small: what did not happen takes no room. What cannot be a tally of this version is refused.</summary>
internal sealed class TallyConverter : JsonConverter<TrafficTally>
{
    public override TrafficTally Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var line = JsonSerializer.Deserialize<TallyLine>(ref reader, options) ?? throw new JsonException("a tally is missing");
        if (line.Requests?.Any(static r => !double.IsFinite(r.Count) || r.Count <= 0) == true)
        {
            throw new JsonException("a count of requests must be above 0");
        }

        if (line.Latencies?.Any(static l => l.ToLatency() is null) == true)
        {
            throw new JsonException("a latency histogram has another number of buckets than this version's");
        }

        return line.ToTally();
    }

    public override void Write(Utf8JsonWriter writer, TrafficTally value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, new TallyLine(value), options);
}

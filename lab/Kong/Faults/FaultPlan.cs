using System.Text.Json;

namespace KongUpgradeMesh.Lab.StandInKong.Faults;

/// <summary>What a node shall do wrong, for demonstrations and tests. Everything is off by default.</summary>
internal sealed record FaultPlan
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static FaultPlan None { get; } = new();

    /// <summary>Share of the proxied requests, 0 to 1, that the gateway answers with 500.</summary>
    public double ErrorRate { get; init; }

    /// <summary>Routes that <see cref="ErrorRate"/> hits; empty for all.</summary>
    public IReadOnlyList<string> ErrorRoutes { get; init; } = [];

    /// <summary>Milliseconds that the gateway adds to every proxied request.</summary>
    public int LatencyMs { get; init; }

    /// <summary>Routes that are not found: a name or <c>all</c>, each with an optional share such as <c>all:0.3</c>.</summary>
    public IReadOnlyList<string> LostRoutes { get; init; } = [];

    /// <summary>Share of the requests with a valid key, 0 to 1, that <c>key-auth</c> refuses as if it did not know the key.</summary>
    public double RejectedKeys { get; init; }

    /// <summary>The metrics of the traffic vanish, as if their switches were off.</summary>
    public bool MetricsGone { get; init; }

    /// <summary>The counters of the traffic begin at zero again, once; nginx's own counters go on.</summary>
    public bool CountersReset { get; init; }

    /// <summary>Bytes a second by which the reported memory of the Lua VMs grows.</summary>
    public long LeakedBytesPerSecond { get; init; }

    /// <summary><c>kong start</c> fails.</summary>
    public bool RefuseToStart { get; init; }

    /// <summary>The node's process ends by itself so many milliseconds after the fault has begun; 0 is never.</summary>
    public int DieAfterMs { get; init; }

    /// <summary>The faults begin only when so many requests have been proxied since the plan was read.</summary>
    public long AfterRequests { get; init; }

    /// <summary>The file's plan, else that of <c>KUM_LAB_FAULTS</c>, else none. A half written file counts as none until it is whole.</summary>
    public static FaultPlan Load(string file)
    {
        try
        {
            var text = File.Exists(file) ? File.ReadAllText(file) : Environment.GetEnvironmentVariable("KUM_LAB_FAULTS");
            return string.IsNullOrWhiteSpace(text) ? None : JsonSerializer.Deserialize<FaultPlan>(text, Format) ?? None;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException)
        {
            return None;
        }
    }
}

using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>A run-time table of counters whose rows are keyed by the window that they count: inside a window a counter only grows.</summary>
/// <param name="Name">Name of the table.</param>
/// <param name="Key">Columns of its primary key.</param>
/// <param name="Value">Column of the counter.</param>
/// <param name="Group">Column that tells windows of different length apart; one statement never spans two of them.</param>
/// <param name="WindowEnd">SQL for the moment from which a row limits nobody; NULL for windows not worth carrying.</param>
internal sealed record CounterTable(string Name, IReadOnlyList<string> Key, string Value, string Group, string WindowEnd)
{
    // A second is over before anybody has moved.
    private const string PeriodEnd = """
        period_date + CASE period WHEN 'minute' THEN interval '1 minute' WHEN 'hour' THEN interval '1 hour' WHEN 'day' THEN interval '1 day'
        WHEN 'month' THEN interval '1 month' WHEN 'year' THEN interval '1 year' END
        """;

    // Sliding windows weigh the one before.
    private const string SlidingEnd = "to_timestamp(window_start::bigint + 2 * window_size::bigint)";

    private static readonly string[] PeriodKey = ["identifier", "period", "period_date", "service_id", "route_id"];

    public static IReadOnlyList<CounterTable> All { get; } =
    [
        new("ratelimiting_metrics", PeriodKey, "value", "period", PeriodEnd),
        new("response_ratelimiting_metrics", PeriodKey, "value", "period", PeriodEnd),
        new("rl_counters", ["key", "namespace", "window_start", "window_size"], "count", "window_size", SlidingEnd),
    ];

    /// <summary>Rows that still limit somebody.</summary>
    public string IsCurrent => $"{WindowEnd} > now()";

    /// <summary>Rows that limit nobody any more, whichever server's clock is asked.</summary>
    public string IsLongOver => $"{WindowEnd} < now() - interval '1 day'";

    public string KeyList => SqlCommands.QuoteAll(Key);

    public string QuotedValue => SqlCommands.Quote(Value);
}

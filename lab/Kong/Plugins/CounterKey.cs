namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>One counter of one rate limit: whose, in which window, of which service and route.</summary>
internal sealed record CounterKey(string Identifier, string Period, DateTimeOffset Start, Guid ServiceId, Guid RouteId)
{
    public DateTimeOffset EndsAt => Period switch
    {
        "second" => Start.AddSeconds(1),
        "minute" => Start.AddMinutes(1),
        "hour" => Start.AddHours(1),
        "day" => Start.AddDays(1),
        "month" => Start.AddMonths(1),
        _ => Start.AddYears(1),
    };

    /// <summary>How long its row is kept.</summary>
    public TimeSpan Length => EndsAt - Start;

    public static DateTimeOffset StartOf(string period, DateTimeOffset now) => period switch
    {
        "second" => new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, now.Second, TimeSpan.Zero),
        "minute" => new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, TimeSpan.Zero),
        "hour" => new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero),
        "day" => new DateTimeOffset(now.Year, now.Month, now.Day, 0, 0, 0, TimeSpan.Zero),
        "month" => new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero),
        _ => new DateTimeOffset(now.Year, 1, 1, 0, 0, 0, TimeSpan.Zero),
    };
}

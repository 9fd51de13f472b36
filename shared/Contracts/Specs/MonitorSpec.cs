namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>How cluster Y is judged against cluster X.</summary>
public sealed record MonitorSpec
{
    /// <summary>How often each node is read. 250 milliseconds to 1 minute. Default 1 second, with a Prometheus its interval.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The span of time that is compared. Default 10 seconds, with a Prometheus at least four of its intervals.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Rise of a rate on Y over X, in percentage points, with which a step does not pass; of codes that clients cause, with which it may fail. 0 to 100. Default 2.</summary>
    public double ErrorRatePoints { get; init; } = 2;

    /// <summary>Rise of the 5xx rate on Y over X, in percentage points, that never fails an upgrade however certain it is; of other codes on a single route, the part of all requests on Y below which their rise only holds a step. 0 to 100. Default 0.5.</summary>
    public double ErrorRateFloor { get; init; } = 0.5;

    /// <summary>Chance that a healthy Y is failed because of its rates or latency, over a whole upgrade and however often it is looked at. 0.000001 to 0.1. Default 0.001.</summary>
    public double FalseAlarmChance { get; init; } = 0.001;

    /// <summary>5xx rate on Y, in percent, that is never accepted whatever X does. Default 25.</summary>
    public double ErrorRateCeiling { get; init; } = 25;

    /// <summary>Ratio of latency Y to X that never fails an upgrade however certain it is: of what Kong adds, and of whole requests less what the upstream services explain. 1 to 1000. Default 1.1.</summary>
    public double LatencyRatio { get; init; } = 1.1;

    /// <summary>Rise of latency on Y over X that never fails an upgrade, however certain and whatever the ratio. 0 to 1 minute. Default 3 milliseconds.</summary>
    public TimeSpan LatencyFloor { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Permitted rise of requests without a route on Y over X, in percentage points. Default 2.</summary>
    public double UnmatchedPoints { get; init; } = 2;

    /// <summary>The least number of requests on each side in the window before rates are compared. Default 20.</summary>
    public int MinimumSamples { get; init; } = 20;

    /// <summary>How long metrics of a side may be missing before that is a finding. Default 5 seconds, with a Prometheus at least four of its intervals.</summary>
    public TimeSpan BlindAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What follows a failed verdict while there is a way back. Default <see cref="FailedVerdictChoice.RollBack"/>.</summary>
    public FailedVerdictChoice OnFailed { get; init; } = FailedVerdictChoice.RollBack;

    /// <summary>Requests that the monitor sends to both clusters itself, each with its expected answer. At most 100. Default none.</summary>
    public IReadOnlyList<ProbeSpec> Probes { get; init; } = [];

    /// <summary>What else is read beside the nodes; one that cannot be read holds the upgrade. At most 16. Default none.</summary>
    public IReadOnlyList<MetricSourceSpec> Sources { get; init; } = [];

    /// <summary>The Prometheus that is read instead of the nodes; null reads the nodes themselves, which finds faults sooner. Default null.</summary>
    public PrometheusSpec? Prometheus { get; init; }

    /// <summary>What holds where the spec says nothing: with a Prometheus, time for what it has to tell.</summary>
    /// <param name="prometheus">The Prometheus; null for none.</param>
    public static MonitorSpec DefaultFor(PrometheusSpec? prometheus)
    {
        var plain = new MonitorSpec();
        return prometheus is null ? plain : plain with
        {
            Prometheus = prometheus,
            ScrapeInterval = prometheus.Interval,
            Window = Longer(plain.Window, prometheus.Interval * 4),
            BlindAfter = Longer(plain.BlindAfter, prometheus.Interval * 4),
        };
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

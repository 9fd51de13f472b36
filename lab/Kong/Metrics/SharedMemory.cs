namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>The shared memory areas that a node of the release has. They are constants here: nothing of them is used.</summary>
internal sealed record SharedMemory(string Name, long Capacity, long Allocated)
{
    private const long Mega = 1024 * 1024;

    private static readonly SharedMemory[] Both =
    [
        new("kong", 5 * Mega, 40960),
        new("kong_cluster_events", 5 * Mega, 40960),
        new("kong_core_db_cache", 128 * Mega, 819200),
        new("kong_core_db_cache_miss", 12 * Mega, 86016),
        new("kong_db_cache", 128 * Mega, 815104),
        new("kong_db_cache_miss", 12 * Mega, 90112),
        new("kong_healthchecks", 5 * Mega, 49152),
        new("kong_locks", 8 * Mega, 61440),
    ];

    public static IReadOnlyList<SharedMemory> Of(Flavour flavour) => flavour.IsThree
        ? [.. Both, new("kong_rate_limiting_counters", 12 * Mega, 90112), new("kong_secrets", 5 * Mega, 40960), new("prometheus_metrics", 5 * Mega, 40960)]
        : [.. Both, new("kong_process_events", 5 * Mega, 221184), new("kong_rate_limiting_counters", 12 * Mega, 90112), new("prometheus_metrics", 5 * Mega, 581632)];
}

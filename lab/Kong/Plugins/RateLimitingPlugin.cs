using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Metrics;
using KongUpgradeMesh.Lab.StandInKong.Proxy;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>rate-limiting</c>: fixed windows, counted in memory (policy local) or in the database (policy cluster).</summary>
internal sealed class RateLimitingPlugin(GatewayAnswer answers, ClusterCounters shared, Flavour flavour, TimeProvider time) : IProxyPlugin
{
    private static readonly string[] Periods = ["second", "minute", "hour", "day", "month", "year"];
    private readonly ConcurrentDictionary<CounterKey, Counter> _local = new();
    private long _nextSweep;

    public string Name => "rate-limiting";

    public int Priority => flavour.IsThree ? 910 : 901;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var settings = instance.Settings(c => new Settings(c));
        var now = time.GetUtcNow();
        var identifier = Identifier(exchange, settings);
        Window? tightest = null;
        var keys = new List<CounterKey>(settings.Limits.Count);
        try
        {
            foreach (var (period, limit) in settings.Limits)
            {
                var key = new CounterKey(identifier, period, CounterKey.StartOf(period, now), instance.ServiceId ?? Guid.Empty, instance.RouteId ?? Guid.Empty);
                keys.Add(key);
                var used = settings.Shared ? await shared.ReadAsync(key, exchange.Context.RequestAborted) : LocalCount(key, now).Value;
                var window = new Window(key, limit, limit - used);
                if (tightest is null || window.Remaining < tightest.Remaining)
                {
                    tightest = window;
                }

                if (!settings.HideHeaders)
                {
                    var title = char.ToUpperInvariant(period[0]) + period[1..];
                    exchange.ResponseHeaders.Add(new($"X-RateLimit-Limit-{title}", limit.ToString()));
                    exchange.ResponseHeaders.Add(new($"X-RateLimit-Remaining-{title}", Math.Max(0, window.Remaining - 1).ToString()));
                }
            }
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
        {
            if (settings.FaultTolerant)
            {
                return false;
            }

            await answers.ErrorAsync(exchange, 500, "An unexpected error occurred");
            return true;
        }

        if (tightest is null)
        {
            return false;
        }

        var reset = Math.Max(1, (int)Math.Ceiling((tightest.Key.EndsAt - now).TotalSeconds));
        if (!settings.HideHeaders)
        {
            exchange.ResponseHeaders.Add(new("RateLimit-Limit", tightest.Limit.ToString()));
            exchange.ResponseHeaders.Add(new("RateLimit-Remaining", Math.Max(0, tightest.Remaining - 1).ToString()));
            exchange.ResponseHeaders.Add(new("RateLimit-Reset", reset.ToString()));
        }

        if (tightest.Remaining <= 0)
        {
            exchange.ResponseHeaders.Add(new("Retry-After", reset.ToString()));
            await answers.ErrorAsync(exchange, 429, "API rate limit exceeded");
            return true;
        }

        foreach (var key in keys)
        {
            if (settings.Shared)
            {
                shared.Add(key);
            }
            else
            {
                LocalCount(key, now).Add(1);
            }
        }

        return false;
    }

    private Counter LocalCount(CounterKey key, DateTimeOffset now)
    {
        var sweep = Interlocked.Read(ref _nextSweep);
        if (now.ToUnixTimeSeconds() >= sweep && Interlocked.CompareExchange(ref _nextSweep, now.ToUnixTimeSeconds() + 10, sweep) == sweep)
        {
            foreach (var old in _local.Keys.Where(k => k.EndsAt < now))
            {
                _local.TryRemove(old, out _);
            }
        }

        return _local.GetOrAdd(key, _ => new Counter());
    }

    private static string Identifier(ProxyExchange exchange, Settings settings)
    {
        var identifier = settings.LimitBy switch
        {
            "consumer" => exchange.Consumer?.Id.ToString() ?? exchange.Credential?.Id.ToString(),
            "credential" => exchange.Credential?.Id.ToString(),
            "service" => exchange.Service?.Id.ToString(),
            "header" => exchange.Context.Request.Headers[settings.HeaderName ?? ""].FirstOrDefault(),
            "path" => exchange.Path == settings.Path ? exchange.Path : null,
            _ => null,
        };
        return identifier ?? exchange.ClientAddress;
    }

    private sealed record Window(CounterKey Key, long Limit, long Remaining);

    private sealed class Settings(JsonObject config)
    {
        public IReadOnlyList<(string Period, long Limit)> Limits { get; } = [.. Periods.Where(p => config[p] is not null).Select(p => (p, (long)(double)config[p]!))];

        public string LimitBy { get; } = (string?)config["limit_by"] ?? "consumer";

        public string? HeaderName { get; } = (string?)config["header_name"];

        public string? Path { get; } = (string?)config["path"];

        public bool Shared { get; } = (string?)config["policy"] == "cluster";

        public bool FaultTolerant { get; } = (bool?)config["fault_tolerant"] ?? true;

        public bool HideHeaders { get; } = (bool?)config["hide_client_headers"] ?? false;
    }
}

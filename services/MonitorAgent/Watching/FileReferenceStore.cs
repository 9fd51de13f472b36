using System.Text.Json;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Keeps one small file per upgrade.</summary>
/// <param name="directory">Where; created when missing.</param>
/// <param name="logger">Hears of files that cannot be read or written.</param>
public sealed class FileReferenceStore(string directory, ILogger<FileReferenceStore> logger) : IReferenceStore
{
    /// <inheritdoc/>
    public async Task<Reference?> LoadAsync(Guid upgradeId, CancellationToken cancellationToken)
    {
        try
        {
            var path = PathOf(upgradeId);
            if (!File.Exists(path))
            {
                return null;
            }

            await using var file = File.OpenRead(path);
            return (await JsonSerializer.DeserializeAsync<Kept>(file, cancellationToken: cancellationToken))?.ToReference();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // Without a memory Y at 100 percent stays inconclusive, which is safe; an exception here would end the watch.
            logger.ReferenceNotKept(upgradeId, exception);
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task SaveAsync(Guid upgradeId, Reference reference, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(directory);
            var path = PathOf(upgradeId);
            await using (var file = File.Create(path + ".new"))
            {
                await JsonSerializer.SerializeAsync(file, Kept.Of(reference), cancellationToken: cancellationToken);
            }

            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.ReferenceNotKept(upgradeId, exception);
        }
    }

    private string PathOf(Guid upgradeId) => Path.Combine(directory, $"{upgradeId:N}.reference.json");

    private sealed record KeptRequests(string Service, string Route, int Code, double Count, AnswerOrigin Origin = AnswerOrigin.Unknown);

    private sealed record KeptLatency(string Service, string Route, IReadOnlyList<double> Values, bool HasBuckets);

    private sealed record Kept(
        IReadOnlyList<KeptRequests> Requests, LatencyTotal RequestLatency, LatencyTotal UpstreamLatency, double Nginx, TimeSpan Length, double? OtherRequestsPerSecondY, IReadOnlyDictionary<string, Scatter>? Scatters)
    {
        // A file of an older agent has neither.
        public IReadOnlyList<KeptLatency>? Latencies { get; init; }

        public LatencyScatter? LatencyScatter { get; init; }

        public static Kept Of(Reference reference) => new(
            [.. reference.X.Requests.Select(static r => new KeptRequests(r.Key.Service, r.Key.Route, r.Key.Code, r.Value, r.Key.Origin))],
            reference.X.RequestLatency,
            reference.X.UpstreamLatency,
            reference.X.NginxRequests,
            reference.Length,
            reference.OtherRequestsPerSecondY,
            reference.Scatters)
        {
            Latencies = [.. reference.X.Latencies.Select(static r => new KeptLatency(r.Key.Service, r.Key.Route, r.Value.Values, r.Value.HasBuckets))],
            LatencyScatter = reference.LatencyScatter,
        };

        public Reference ToReference()
        {
            var tally = new TrafficTally();
            foreach (var (service, route, code, count, origin) in Requests)
            {
                tally.AddRequests(new RouteCode(service, route, code, origin), count);
            }

            foreach (var (service, route, values, hasBuckets) in Latencies ?? [])
            {
                if (RouteLatency.FromValues(values, hasBuckets) is { } latency)
                {
                    tally.AddLatency(new RouteKey(service, route), latency);
                }
            }

            tally.AddLatency(RequestLatency, UpstreamLatency);
            tally.AddNginx(Nginx, 0);
            return new Reference(tally, Length, OtherRequestsPerSecondY) { Scatters = Scatters ?? new Dictionary<string, Scatter>(), LatencyScatter = LatencyScatter ?? Sequential.LatencyScatter.Unknown };
        }
    }
}

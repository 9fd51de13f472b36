using System.Text.Json;
using System.Text.Json.Serialization;
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
                await JsonSerializer.SerializeAsync(file, new Kept(reference), cancellationToken: cancellationToken);
            }

            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.ReferenceNotKept(upgradeId, exception);
        }
    }

    private string PathOf(Guid upgradeId) => Path.Combine(directory, $"{upgradeId:N}.reference.json");

    private sealed record Kept : TallyLine
    {
        public TimeSpan Length { get; init; }

        public double? OtherRequestsPerSecondY { get; init; }

        // A file of an older agent has neither of these.
        public IReadOnlyDictionary<string, Scatter>? Scatters { get; init; }

        public LatencyScatter? LatencyScatter { get; init; }

        public BalancerTally? Balancer { get; init; }

        [JsonConstructor]
        public Kept()
        {
        }

        public Kept(Reference reference)
            : base(reference.X)
        {
            (Length, OtherRequestsPerSecondY) = (reference.Length, reference.OtherRequestsPerSecondY);
            (Scatters, LatencyScatter, Balancer) = (reference.Scatters, reference.LatencyScatter, reference.Balancer);
        }

        public Reference ToReference() => new(ToTally(), Length, OtherRequestsPerSecondY)
        {
            Scatters = Scatters ?? new Dictionary<string, Scatter>(),
            LatencyScatter = LatencyScatter ?? Sequential.LatencyScatter.Unknown,
            Balancer = Balancer,
        };
    }
}

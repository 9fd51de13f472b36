using System.Globalization;
using System.Text.Json;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Intents;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Incidents;

/// <summary>Incidents that the broker has not taken yet, one file each, oldest first. They outlive the agent; <c>kum-traffic</c> adds to them.</summary>
public sealed class IncidentBox(IOptions<AgentOptions> options) : ITrafficIncidents
{
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "incidents");

    /// <summary>Puts an incident down; on disk when this returns.</summary>
    /// <exception cref="IOException">The state directory cannot be written.</exception>
    public void Add(TrafficIncident incident)
    {
        Directory.CreateDirectory(_directory);
        var name = string.Create(CultureInfo.InvariantCulture, $"{incident.At.UtcTicks:D20}-{Guid.NewGuid():N}.json");
        StateFile.Replace(Path.Combine(_directory, name), incident);
    }

    /// <inheritdoc/>
    public Task ReportAsync(TrafficIncident incident, CancellationToken cancellationToken)
    {
        Add(incident);
        return Task.CompletedTask;
    }

    /// <summary>What is still to be reported. Its id is the same however often it is read, so that a doubled report can be told.</summary>
    public IReadOnlyList<(Guid Id, TrafficIncident Incident)> Pending() =>
        Directory.Exists(_directory)
            ? [.. Directory.EnumerateFiles(_directory, "*.json").Order(StringComparer.Ordinal).Select(Read).OfType<(Guid, TrafficIncident)>()]
            : [];

    /// <summary>Forgets an incident that the broker has taken.</summary>
    public void Remove(Guid id)
    {
        foreach (var path in Directory.EnumerateFiles(_directory, $"*-{id:N}.json"))
        {
            File.Delete(path);
        }
    }

    private static (Guid Id, TrafficIncident Incident)? Read(string path)
    {
        try
        {
            return Guid.TryParseExact(Path.GetFileNameWithoutExtension(path)[^32..], "N", out var id) && StateFile.Read<TrafficIncident>(path) is { } incident
                ? (id, incident)
                : null;
        }
        catch (JsonException)
        {
            return null; // A file somebody edited; it must not stop the others.
        }
    }
}

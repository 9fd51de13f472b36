using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Which names' time to live this agent has lowered, one file each, below <c>dns-ttl/</c> in its state directory.</summary>
public sealed class TtlNotes(IOptions<AgentOptions> options)
{
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "dns-ttl");

    /// <summary>What is noted of a name; null when nothing is, or when the file is damaged.</summary>
    internal LoweredTtl? Find(DnsName published)
    {
        try
        {
            return StateFile.Read<LoweredTtl>(PathOf(published));
        }
        catch (JsonException)
        {
            return null; // The time to live stays low then, which harms nobody.
        }
    }

    /// <summary>Notes it; on disk when this returns.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when the state directory cannot be written: nothing may be lowered that nobody would raise again.</exception>
    internal void Write(DnsName published, LoweredTtl note)
    {
        try
        {
            Directory.CreateDirectory(_directory);
            StateFile.Replace(PathOf(published), note);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw TrafficFailures.NotKept($"The time to live of {published.Name} could not be noted in {_directory}: {exception.Message}", exception);
        }
    }

    /// <summary>Forgets it.</summary>
    internal void Remove(DnsName published) => File.Delete(PathOf(published));

    private string PathOf(DnsName published) => Path.Combine(_directory, $"{FileLabel.Of(published.Identity)}.json");
}

using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>The notes of the mode <c>weights</c>, one file for each backend, below <c>haproxy-weights/</c> in the agent's state directory.</summary>
public sealed class HAProxyWeightsNotes(IOptions<AgentOptions> options, TimeProvider clock)
{
    private readonly string _directory = Path.Combine(options.Value.StateDirectory, $"traffic-{options.Value.Name}", "haproxy-weights");

    /// <summary>The file of a backend. The socket is part of its name: two HAProxys have backends of one name as a rule.</summary>
    /// <param name="socket">The runtime socket.</param>
    /// <param name="backend">The backend's name.</param>
    public string FileOf(string socket, string backend) => Path.Combine(_directory, $"{FileLabel.Of($"{socket}\n{backend}")}.json");

    /// <summary>Waits for the turn to change the backend's weights.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when the state directory cannot be written or another process does not let go.</exception>
    internal async Task<FileTurn> TakeTurnAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_directory);
            return await FileTurn.TakeAsync(file + ".kum-lock", clock, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotKept(file, exception);
        }
    }

    /// <summary>What is noted; null when nothing is.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when the file is there and cannot be read.</exception>
    internal static WeightsNote? Read(string file)
    {
        try
        {
            return StateFile.Read<WeightsNote>(file);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw TrafficFailures.Refused($"The note of HAProxy's weights in {file}", exception.Message, exception);
        }
    }

    /// <summary>Replaces the note; on disk when this returns.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when it cannot be written.</exception>
    internal static void Write(string file, WeightsNote note)
    {
        try
        {
            StateFile.Replace(file, note);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotKept(file, exception);
        }
    }

    private static StepFailedException NotKept(string file, Exception inner) =>
        TrafficFailures.NotKept($"The record of HAProxy's weights could not be kept in {file}: {inner.Message}", inner);
}

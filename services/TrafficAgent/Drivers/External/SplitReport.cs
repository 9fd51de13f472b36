using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>What <c>get</c> answers: the weights that the balancer itself reports, and what was kept beside them.</summary>
internal sealed record SplitReport
{
    /// <summary>The weights in force, in whatever unit adds up.</summary>
    public SideWeights? Weights { get; init; }

    /// <summary>The upgrade that set them; null when none did.</summary>
    public Guid? Upgrade { get; init; }

    /// <summary>Epoch of the order that set them.</summary>
    public int? Epoch { get; init; }

    /// <summary>Step of the order that set them.</summary>
    public int? Step { get; init; }

    /// <summary>Seal of the order that set them; null where the balancer has no place for it.</summary>
    public uint? Seal { get; init; }

    /// <summary>Whether connections remain on the side that has just lost traffic. Default false.</summary>
    public bool Draining { get; init; }

    /// <summary>Requests given to each side since some moment; null where nobody counts.</summary>
    public RequestCounts? Requests { get; init; }

    /// <summary>Reads the JSON.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when it is not such an answer.</exception>
    public static SplitReport Read(string who, string json)
    {
        try
        {
            var report = JsonSerializer.Deserialize<SplitReport>(json, JsonSerializerOptions.Web);
            return report switch
            {
                { Weights: null } or null => throw TrafficFailures.Refused(who, "get answered without weights"),
                { Weights: { X: < 0 } or { Y: < 0 } or { X: 0, Y: 0 } } => throw TrafficFailures.Refused(who, "get answered weights of which nobody is served"),
                { Upgrade: not null, Epoch: null or < 0 } or { Upgrade: not null, Step: null or < 0 } => throw TrafficFailures.Refused(who, "get answered an upgrade without its epoch and step"),
                { Requests: { X: < 0 } or { Y: < 0 } } => throw TrafficFailures.Refused(who, "get answered a negative number of requests"),
                _ => report,
            };
        }
        catch (JsonException exception)
        {
            throw TrafficFailures.Refused(who, $"get did not answer the JSON of the contract: {exception.Message}", exception);
        }
    }

    /// <summary>As every driver reports it.</summary>
    /// <param name="who">Who answered.</param>
    /// <param name="keepsSeal">Whether there must be a seal beside an upgrade.</param>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when the seal is missing.</exception>
    public ObservedTraffic ToObserved(string who, bool keepsSeal)
    {
        var (part, whole) = (100L * Weights!.Y, (long)Weights.X + Weights.Y);
        var split = new TrafficSplit { WeightY = (int)((part + whole - 1) / whole) };
        if (Upgrade is not { } upgrade)
        {
            return new ObservedTraffic(split, null, Tampered: false);
        }

        if (keepsSeal && Seal is null)
        {
            throw TrafficFailures.Refused(who, "get answered an upgrade without the seal that set carried; keep it beside the weights, or set keepsSeal to false");
        }

        var record = new TrafficRecord { UpgradeId = upgrade, Epoch = Epoch!.Value, Step = Step!.Value, Split = split };
        return new ObservedTraffic(split, record, Tampered: part % whole != 0 || (Seal is { } seal && seal != record.Seal));
    }
}

using System.Text.Json;

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>One entry of an upgrade's append-only, hash-chained timeline.</summary>
public sealed record TimelineEntry
{
    /// <summary>Number within the upgrade, starting at 1, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What kind of entry, for example <c>phase-entered</c>, <c>step-completed</c>, <c>verdict</c>, <c>operator</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The phase it belongs to.</summary>
    public required string Phase { get; init; }

    /// <summary>The epoch it belongs to.</summary>
    public required int Epoch { get; init; }

    /// <summary>Who caused it: a person, an agent, or <c>coordinator</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>The facts, as JSON; an empty object when there are none.</summary>
    public required JsonElement Data { get; init; }

    /// <summary>SHA-256 of the entry before, 64 hexadecimal digits; zeros for the first.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>SHA-256 over this entry and <see cref="PreviousHash"/>.</summary>
    public required string Hash { get; init; }
}

using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>Which journal is meant, and how patient its changes are.</summary>
public sealed record JournalOptions
{
    /// <summary>The upgrade whose cluster Y is journaled; stamped into the database.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>When the journal stops writing, whether or not anybody removes it then.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Schema of Kong's tables. Default <c>public</c>.</summary>
    public string Schema { get; init; } = "public";

    /// <summary>Gives lock time-out and patience, and decides about unknown tables.</summary>
    public FreezeSpec Freeze { get; init; } = new();

    /// <summary>How many writes are recorded; later ones are only counted, so that the journal cannot fill a disk. At least 1. Default 100 000.</summary>
    public long RowLimit { get; init; } = 100_000;
}

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>What a journal holds.</summary>
public sealed record JournalReading
{
    /// <summary>The upgrade that installed it.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset InstalledAt { get; init; }

    /// <summary>Until when.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Configuration tables that are watched.</summary>
    public required int TablesWatched { get; init; }

    /// <summary>Configuration tables that are not, although they should be; empty when all are.</summary>
    public required IReadOnlyList<string> TablesMissing { get; init; }

    /// <summary>The recorded writes in order.</summary>
    public required IReadOnlyList<JournaledWrite> Writes { get; init; }

    /// <summary>Writes beyond the limit, which are not among <see cref="Writes"/>; includes some that were rolled back.</summary>
    public required long NotRecorded { get; init; }

    /// <summary>How often the journal itself failed; each time a write went through unrecorded.</summary>
    public required long Failures { get; init; }
}

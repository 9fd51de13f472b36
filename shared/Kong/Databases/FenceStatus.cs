namespace KongUpgradeMesh.Kong.Databases;

/// <summary>What was found of a write fence.</summary>
public sealed record FenceStatus
{
    /// <summary>The upgrade that installed the fence; null when there is none, or its stamp is lost.</summary>
    public required Guid? UpgradeId { get; init; }

    /// <summary>Since when it stands, by the server's clock; null when there is no stamp.</summary>
    public required DateTimeOffset? InstalledAt { get; init; }

    /// <summary>How many tables must be fenced now.</summary>
    public required int TablesExpected { get; init; }

    /// <summary>How many of them are fenced completely.</summary>
    public required int TablesFenced { get; init; }

    /// <summary>What is missing, disabled or altered, or was so for a while, one object a line; empty when nothing is.</summary>
    public required IReadOnlyList<string> Defects { get; init; }

    /// <summary>Statements refused so far. Counted outside transactions; after a crash of the server it may be up to 32 per table too high.</summary>
    public required long RefusedWrites { get; init; }

    /// <summary>The same by table, those without a refusal left out.</summary>
    public required IReadOnlyDictionary<string, long> RefusedByTable { get; init; }

    /// <summary>Who tried: up to 16 of the latest refusals, newest first. Two refusals in the same instant can spoil each other's entry, which is then left out.</summary>
    public required IReadOnlyList<RefusedWrite> LatestRefusals { get; init; }

    /// <summary>Whether the fence of <paramref name="upgradeId"/> stands and is whole.</summary>
    /// <param name="upgradeId">The upgrade.</param>
    public bool HoldsFor(Guid upgradeId) => UpgradeId == upgradeId && Defects.Count == 0 && TablesFenced == TablesExpected && TablesExpected > 0;
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Cli.Fences;

/// <summary>What <c>kum fence status</c> says of one cluster; also its JSON.</summary>
public sealed record FenceReport
{
    /// <summary>The cluster.</summary>
    public required ClusterSide Side { get; init; }

    /// <summary>Its database, without role and secret.</summary>
    public required string Database { get; init; }

    /// <summary>How the fence was found.</summary>
    public required FenceState State { get; init; }

    /// <summary>The upgrade that put the fence up; null when there is none, or its stamp is lost.</summary>
    public Guid? UpgradeId { get; init; }

    /// <summary>Since when it stands.</summary>
    public DateTimeOffset? InstalledAt { get; init; }

    /// <summary>How many tables are fenced.</summary>
    public int TablesFenced { get; init; }

    /// <summary>How many should be.</summary>
    public int TablesExpected { get; init; }

    /// <summary>What is wrong with it, one object a line.</summary>
    public IReadOnlyList<string> Defects { get; init; } = [];

    /// <summary>Writes refused so far.</summary>
    public long RefusedWrites { get; init; }

    /// <summary>The same by table.</summary>
    public IReadOnlyDictionary<string, long> RefusedByTable { get; init; } = new Dictionary<string, long>();

    /// <summary>Who tried lately, the newest first.</summary>
    public IReadOnlyList<RefusedWriter> Writers { get; init; } = [];

    /// <summary>Why the database could not be asked; null when it could.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Turns what was found into a report.</summary>
    /// <param name="side">The cluster.</param>
    /// <param name="database">Its database.</param>
    /// <param name="status">What was found there.</param>
    public static FenceReport Of(ClusterSide side, string database, FenceStatus status) => new()
    {
        Side = side,
        Database = database,
        State = status switch
        {
            { UpgradeId: null, TablesFenced: 0 } => FenceState.None,
            { UpgradeId: { } owner } when status.HoldsFor(owner) => FenceState.Whole,
            _ => FenceState.Damaged,
        },
        UpgradeId = status.UpgradeId,
        InstalledAt = status.InstalledAt,
        TablesFenced = status.TablesFenced,
        TablesExpected = status.TablesExpected,

        // Without a fence each table lacks it: that is no news.
        Defects = status is { UpgradeId: null, TablesFenced: 0 } ? [] : status.Defects,
        RefusedWrites = status.RefusedWrites,
        RefusedByTable = status.RefusedByTable,
        Writers = RefusedWrite.ByWriter(status.LatestRefusals),
    };
}

using System.Text.Json;

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>One row of configuration written on cluster Y; names and keys, never values.</summary>
public sealed record JournaledWrite
{
    /// <summary>Number in order of writing; gaps are writes that were rolled back.</summary>
    public required long Number { get; init; }

    /// <summary>When, by the database's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The database transaction; writes of one transaction belong together.</summary>
    public required long Transaction { get; init; }

    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary><c>INSERT</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>TRUNCATE</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>Primary key by column; null for TRUNCATE and for tables without a key.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Key { get; init; }

    /// <summary>Names of the changed columns of an UPDATE; null for whole rows.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Role that logged in.</summary>
    public required string Role { get; init; }

    /// <summary>The name the client gave itself; null when none.</summary>
    public string? Application { get; init; }

    /// <summary>Client address; null for a unix socket.</summary>
    public string? Client { get; init; }
}

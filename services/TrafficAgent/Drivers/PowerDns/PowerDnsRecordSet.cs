namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>All records of one name and type.</summary>
internal sealed record PowerDnsRecordSet
{
    /// <summary>The name, with its last dot.</summary>
    public required string Name { get; init; }

    /// <summary>The type, for example <c>A</c> or <c>LUA</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Time to live in seconds.</summary>
    public int? Ttl { get; init; }

    /// <summary><c>REPLACE</c> or <c>DELETE</c> in a change.</summary>
    public string? Changetype { get; init; }

    /// <summary>The records.</summary>
    public IReadOnlyList<PowerDnsRecord> Records { get; init; } = [];

    /// <summary>What the records say, as far as they are switched on.</summary>
    public HashSet<string> Contents() => [.. Records.Where(static r => !r.Disabled).Select(static r => r.Content)];
}

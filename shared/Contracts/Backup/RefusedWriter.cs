namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>Who tried to write what while it was frozen; never what was to be written.</summary>
public sealed record RefusedWriter
{
    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary><c>INSERT</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>TRUNCATE</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The role that was logged in; null when it has been dropped since.</summary>
    public string? Role { get; init; }

    /// <summary>What the session called itself; null when nothing. May be cut.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>Where the session came from; null for a unix socket.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>The latest of its tries that is known.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>How many of its tries are known one by one.</summary>
    public required int Count { get; init; }
}

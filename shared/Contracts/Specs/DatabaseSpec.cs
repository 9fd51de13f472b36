namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>A PostgreSQL database that belongs to one Kong cluster.</summary>
public sealed record DatabaseSpec
{
    /// <summary>Host name or address, or the directory of a unix socket.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port, 1 to 65535. Default 5432.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>Database name. For cluster Y it must not exist yet, or be this upgrade's own.</summary>
    public required string Name { get; init; }

    /// <summary>Role that Kong connects as; owner of Kong's tables.</summary>
    public required string User { get; init; }

    /// <summary>Reference to the password (<c>env:NAME</c> or <c>file:/path</c>); null when the server asks for none. Never the password itself.</summary>
    public string? Password { get; init; }

    /// <summary>Schema of Kong's tables. Default <c>public</c>.</summary>
    public string Schema { get; init; } = "public";

    /// <summary>Role that may create databases and install triggers; null uses <see cref="User"/>.</summary>
    public string? AdminUser { get; init; }

    /// <summary>Reference to that role's password; null uses <see cref="Password"/>.</summary>
    public string? AdminPassword { get; init; }

    /// <summary>Database to connect to while the own one does not exist. Default <c>postgres</c>.</summary>
    public string MaintenanceDatabase { get; init; } = "postgres";
}

using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>One state of Kong's configuration to be looked at.</summary>
/// <param name="Transaction">A repeatable-read transaction; it stays open, and its display settings are changed until it ends.</param>
/// <param name="Schema">Schema of Kong's tables.</param>
public sealed record ConfigurationSnapshot(NpgsqlTransaction Transaction, string Schema);

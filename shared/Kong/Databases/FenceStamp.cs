using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The one row that says whose fence stands.</summary>
/// <param name="UpgradeId">The upgrade that put it up.</param>
/// <param name="InstalledAt">Since when it stands.</param>
/// <param name="Record">How everything was left; null when that was not recorded or cannot be read.</param>
internal sealed record FenceStamp(Guid UpgradeId, DateTimeOffset InstalledAt, FenceRecord? Record)
{
    /// <summary>Reads it; null when there is none, or more than one.</summary>
    public static async Task<FenceStamp?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("SELECT pg_catalog.to_regclass($1) IS NOT NULL", cancellationToken, FenceSql.Stamp))
        {
            return null;
        }

        // By to_jsonb, because the stamp of an earlier release lacks the column.
        var rows = await connection.ListAsync(
            $"SELECT upgrade_id, installed_at, pg_catalog.to_jsonb(f) ->> 'record' FROM {FenceSql.Stamp} f",
            static r => new FenceStamp(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1), FenceRecord.Parse(r.IsDBNull(2) ? null : r.GetString(2))),
            cancellationToken);
        return rows.Count == 1 ? rows[0] : null;
    }
}

using KongUpgradeMesh.Contracts.Backup;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>One write that the fence refused: who tried, where and when; never what.</summary>
/// <param name="At">When, by the server's clock.</param>
/// <param name="Table">The table, as it is called now; its object id when it has been dropped since.</param>
/// <param name="Operation"><c>INSERT</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>TRUNCATE</c>.</param>
/// <param name="Role">The role that logged in, whatever <c>SET ROLE</c> it gave itself; null when it has been dropped since.</param>
/// <param name="ApplicationName">Name that the session gave itself, cut to 40 characters; null when it gave none, as Kong itself does.</param>
/// <param name="ClientAddress">Address of the client as the server sees it (a pooler hides who is behind it); null for a unix socket.</param>
public sealed record RefusedWrite(DateTimeOffset At, string Table, string Operation, string? Role, string? ApplicationName, string? ClientAddress)
{
    /// <summary>Takes refusals with everything but the time in common together; who tried last comes first.</summary>
    /// <param name="refusals">Refused writes in any order.</param>
    public static IReadOnlyList<RefusedWriter> ByWriter(IEnumerable<RefusedWrite> refusals) =>
    [
        .. refusals
            .GroupBy(static r => r with { At = default })
            .Select(static g => new RefusedWriter
            {
                Table = g.Key.Table,
                Operation = g.Key.Operation,
                Role = g.Key.Role,
                ApplicationName = g.Key.ApplicationName,
                ClientAddress = g.Key.ClientAddress,
                LastAt = g.Max(static r => r.At),
                Count = g.Count(),
            })
            .OrderByDescending(static w => w.LastAt),
    ];
}

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Refused writes of one writer to one table, taken together.</summary>
/// <param name="Role">The role that logged in.</param>
/// <param name="ApplicationName">Name that the session gave itself; empty when it gave none.</param>
/// <param name="ClientAddress">Address of the client; null for a unix socket.</param>
/// <param name="Table">The table.</param>
/// <param name="Count">How many of the latest refusals these are; the fence keeps the latest 16 in all.</param>
/// <param name="First">When the first of them was refused.</param>
/// <param name="Last">When the last of them was refused.</param>
public sealed record RefusedWriter(string Role, string ApplicationName, string? ClientAddress, string Table, int Count, DateTimeOffset First, DateTimeOffset Last)
{
    /// <summary>Takes refusals of the same role, application, address and table together; who tried last comes first.</summary>
    /// <param name="refusals">Refused writes in any order.</param>
    public static IReadOnlyList<RefusedWriter> Of(IEnumerable<RefusedWrite> refusals) =>
    [
        .. refusals
            .GroupBy(static r => (r.Role, r.ApplicationName, r.ClientAddress, r.Table))
            .Select(static g => new RefusedWriter(
                g.Key.Role, g.Key.ApplicationName, g.Key.ClientAddress, g.Key.Table, g.Count(), g.Min(static r => r.At), g.Max(static r => r.At)))
            .OrderByDescending(static w => w.Last),
    ];
}

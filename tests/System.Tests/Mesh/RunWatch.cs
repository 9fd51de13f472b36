using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.System.Tests.Mesh;

/// <summary>Reads an upgrade's timeline straight from the database, so that it can be followed while the coordinator is dead.</summary>
public sealed class RunWatch(MeshOfProcesses mesh, Guid upgradeId)
{
    public sealed record Entry(long Sequence, DateTimeOffset At, string Kind, string Phase, int Epoch, string Actor, string Message, string Data);

    public async Task<IReadOnlyList<Entry>> ReadAsync()
    {
        await using var connection = new NpgsqlConnection(mesh.Postgres.ConnectionString("kum"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT sequence, at, kind, phase, epoch, actor, message, data FROM kum.timeline WHERE upgrade_id = $1 ORDER BY sequence", connection)
        {
            Parameters = { new() { Value = upgradeId } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var entries = new List<Entry>();
        while (await reader.ReadAsync())
        {
            entries.Add(new Entry(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4), reader.GetString(5), reader.GetString(6), reader.GetString(7)));
        }

        return entries;
    }

    public Task<IReadOnlyList<Entry>> ReachesAsync(string what, Func<IReadOnlyList<Entry>, bool> accept, TimeSpan deadline) =>
        Eventually.ReachesAsync(what, async () => new Seen(await ReadAsync()), seen => accept(seen.Entries), deadline).ContinueWith(
            static seen => seen.GetAwaiter().GetResult().Entries, TaskScheduler.Default);

    /// <summary>The timeline of the upgrade, which a failing wait prints with its last entries.</summary>
    private sealed record Seen(IReadOnlyList<Entry> Entries)
    {
        public override string ToString() => string.Join('\n', Entries.TakeLast(8));
    }
}

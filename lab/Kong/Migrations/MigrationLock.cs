using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>The row in <c>locks</c> that lets one migration process work at a time, with a time limit of its own in case its owner dies.</summary>
internal sealed class MigrationLock : IAsyncDisposable
{
    private const string Key = "migrations";
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private readonly NpgsqlDataSource _database;
    private readonly string _owner;

    private MigrationLock(NpgsqlDataSource database, string owner)
    {
        _database = database;
        _owner = owner;
    }

    /// <summary>Waits for the lock for as long as it may live.</summary>
    /// <exception cref="TimeoutException">Somebody else held it for longer.</exception>
    public static async Task<MigrationLock> AcquireAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid().ToString();
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < Lifetime + TimeSpan.FromSeconds(1))
        {
            await using (var command = database.CreateCommand("""
                WITH expired AS (DELETE FROM locks WHERE ttl < CURRENT_TIMESTAMP)
                INSERT INTO locks (key, owner, ttl) VALUES ($1, $2, CURRENT_TIMESTAMP + $3) ON CONFLICT DO NOTHING
                """))
            {
                command.Parameters.AddWithValue(Key);
                command.Parameters.AddWithValue(owner);
                command.Parameters.AddWithValue(Lifetime);
                if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
                {
                    return new MigrationLock(database, owner);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }

        throw new TimeoutException("another node holds the migrations lock");
    }

    public async ValueTask DisposeAsync()
    {
        await using var command = _database.CreateCommand("DELETE FROM locks WHERE key = $1 AND owner = $2");
        command.Parameters.AddWithValue(Key);
        command.Parameters.AddWithValue(_owner);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}

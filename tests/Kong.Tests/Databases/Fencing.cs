using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>The fence of one upgrade, each call over a connection of its own.</summary>
internal static class Fencing
{
    public static readonly Guid Upgrade = Guid.Parse("5a0f3f9e-0000-4000-8000-000000000001");

    public static WriteFence Of(DatabaseSpec database, FreezeSpec? freeze = null) => new(FenceOptions.Of(Upgrade, database, freeze ?? new FreezeSpec()), TimeProvider.System);

    public static async Task<FenceStatus> FreezeAsync(this SmallKong kong, FreezeSpec? freeze = null)
    {
        await using var connection = await kong.OpenAsync();
        return await Of(kong.Spec, freeze).InstallAsync(connection, CancellationToken.None);
    }

    public static async Task<FenceStatus> VerifyAsync(this SmallKong kong)
    {
        await using var connection = await kong.OpenAsync();
        return await Of(kong.Spec).VerifyAsync(connection, CancellationToken.None);
    }

    public static async Task<FenceLift> LiftAsync(this SmallKong kong, FreezeSpec? freeze = null)
    {
        await using var connection = await kong.OpenAsync();
        return await Of(kong.Spec, freeze).LiftAsync(connection, CancellationToken.None);
    }

    public static async Task<SmallKong> FrozenAsync(this PostgresFixture postgres, FreezeSpec? freeze = null)
    {
        var kong = await postgres.KongAsync();
        await kong.FreezeAsync(freeze);
        return kong;
    }

    public static Task<long> ObjectsLeftAsync(this SmallKong kong) => kong.AskAsync<long>(
        "SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'kum%') + (SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_fence')");

    public static async Task AssertRefusedAsync(NpgsqlConnection connection, string sql)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => SmallKong.RunAsync(connection, sql));
        Assert.Equal(WriteFence.SqlState, refusal.SqlState);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>What fires no trigger must be found afterwards.</summary>
public sealed class FenceTamperingTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("DROP TRIGGER kum_fence_rows ON services", "table services: trigger missing, disabled or altered")]
    [InlineData("ALTER TABLE services DISABLE TRIGGER kum_fence_rows", "table services: trigger missing, disabled or altered")]
    [InlineData("ALTER TABLE services ENABLE TRIGGER kum_fence_truncate", "table services: trigger missing, disabled or altered")]
    [InlineData("CREATE OR REPLACE FUNCTION kum_fence.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", "function kum_fence.refuse: missing or altered")]
    [InlineData("ALTER FUNCTION kum_fence.refuse() SECURITY INVOKER", "function kum_fence.refuse: missing or altered")]
    [InlineData("ALTER FUNCTION kum_fence.refuse() RENAME TO refuses", "function kum_fence.refuse: missing or altered")]
    [InlineData("ALTER FUNCTION kum_fence.refuse() SET search_path = public", "function kum_fence.refuse: was replaced for a while, or its rights were changed")]
    [InlineData("DROP SCHEMA kum_fence CASCADE", "table services: trigger missing, disabled or altered")]
    [InlineData("CREATE TABLE routes (id uuid)", "table routes: trigger missing, disabled or altered")]
    [InlineData("CREATE TABLE routes (id uuid)", "table routes: new since the fence was put up")]
    [InlineData("DELETE FROM kum_fence.__fence__", null)]
    [InlineData("UPDATE kum_fence.__fence__ SET record = NULL", "stamp: how everything was left is not recorded, so nobody can tell what happened since")]
    [InlineData("ALTER TABLE kum_fence.__fence__ DROP COLUMN record", "stamp: how everything was left is not recorded, so nobody can tell what happened since")]
    [InlineData("ALTER TABLE services DISABLE TRIGGER USER; UPDATE services SET host = 'past the fence'; ALTER TABLE services ENABLE TRIGGER USER; ALTER TABLE services ENABLE ALWAYS TRIGGER kum_fence_rows, ENABLE ALWAYS TRIGGER kum_fence_truncate", "table services: trigger was dropped or disabled for a while")]
    [InlineData("DROP TRIGGER kum_fence_truncate ON snis; TRUNCATE snis; CREATE TRIGGER kum_fence_truncate BEFORE TRUNCATE ON snis FOR EACH STATEMENT EXECUTE PROCEDURE kum_fence.refuse(); ALTER TABLE snis ENABLE ALWAYS TRIGGER kum_fence_truncate", "table snis: trigger was dropped or disabled for a while")]
    public async Task Notices_tampering_and_repairs_it(string tampering, string? defect)
    {
        var kong = await postgres.FrozenAsync();
        await kong.RunAsync(tampering);
        var status = await kong.VerifyAsync();
        Assert.False(status.HoldsFor(Fencing.Upgrade));
        if (defect is not null)
        {
            Assert.Contains(defect, status.Defects);
        }

        await using (var connection = await kong.OpenAsync())
        {
            var failure = await Assert.ThrowsAsync<StepFailedException>(() => Fencing.Of(kong.Spec).RequireAsync(connection, CancellationToken.None));
            Assert.Equal(FailureCodes.FenceNotHolding, failure.Failure.Code);
        }

        Assert.True((await kong.FreezeAsync()).HoldsFor(Fencing.Upgrade));
        Assert.True((await kong.VerifyAsync()).HoldsFor(Fencing.Upgrade));
        await Assert.ThrowsAsync<PostgresException>(() => kong.RunAsync("DELETE FROM consumers"));
    }

    [Theory]
    [InlineData("ALTER TABLE services ADD COLUMN extra text", "table services: definition changed")]
    [InlineData("ALTER TABLE services ADD COLUMN extra text; ALTER TABLE services DROP COLUMN extra", "table services: definition changed")]
    [InlineData("ALTER TABLE services ALTER COLUMN host TYPE text USING 'elsewhere'", "table services: definition changed")]
    [InlineData("ALTER TABLE services ALTER COLUMN enabled SET DEFAULT false", "table services: definition changed")]
    [InlineData("ALTER TABLE services ALTER COLUMN host SET NOT NULL", "table services: definition changed")]
    [InlineData("ALTER TABLE services RENAME COLUMN host TO target", "table services: definition changed")]
    [InlineData("ALTER TABLE services ADD CHECK (port > 0)", "table services: definition changed")]
    [InlineData("ALTER TABLE plugins DROP CONSTRAINT plugins_service_id_fkey", "table plugins: definition changed")]
    [InlineData("CREATE UNIQUE INDEX ON services (host)", "table services: definition changed")]
    [InlineData("CREATE RULE elsewhere AS ON INSERT TO services DO INSTEAD NOTHING", "table services: definition changed")]
    [InlineData("CREATE TABLE more () INHERITS (services); INSERT INTO more (id, name) VALUES (gen_random_uuid(), 'past the fence')", "table services: definition changed")]
    [InlineData("ALTER TABLE services ENABLE ROW LEVEL SECURITY", "table services: definition changed")]
    [InlineData("ALTER TABLE services RENAME TO services_old; CREATE VIEW services AS SELECT * FROM services_old", "table services: now public.services_old")]
    [InlineData("CREATE SCHEMA aside; ALTER TABLE snis SET SCHEMA aside", "table snis: now aside.snis")]
    [InlineData("DROP TABLE snis", "table snis: gone")]
    [InlineData("DROP TABLE snis; CREATE TABLE snis (id uuid)", "table snis: dropped and created anew")]
    public async Task Notices_changed_definitions_until_it_is_installed_again(string change, string defect)
    {
        var kong = await postgres.FrozenAsync();
        await kong.RunAsync(change);
        Assert.Contains(defect, (await kong.VerifyAsync()).Defects);

        Assert.True((await kong.FreezeAsync()).HoldsFor(Fencing.Upgrade));
    }

    [Theory]
    [InlineData("ANALYZE services")]
    [InlineData("VACUUM FULL services")]
    [InlineData("REINDEX TABLE services")]
    [InlineData("GRANT SELECT ON services TO PUBLIC")]
    [InlineData("SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'; SET search_path = nowhere; SELECT 1")]
    [InlineData("CREATE TABLE somebody_elses (id uuid REFERENCES services)")]
    public async Task Takes_no_offence_at_upkeep(string upkeep)
    {
        var kong = await postgres.FrozenAsync();
        await using var connection = await kong.OpenAsync();
        await SmallKong.RunAsync(connection, upkeep);
        Assert.Empty((await Fencing.Of(kong.Spec).VerifyAsync(connection, CancellationToken.None)).Defects);
    }

    [Fact]
    public async Task Repairs_one_table_beside_a_long_reader_of_all_others_and_drains_its_writers()
    {
        var kong = await postgres.FrozenAsync();
        await kong.RunAsync("ALTER TABLE services DISABLE TRIGGER kum_fence_rows");
        await using var reader = await kong.OpenAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await SmallKong.RunAsync(reader, "SELECT * FROM services, consumers");
        await using var writer = await kong.OpenAsync();
        await using var writing = await writer.BeginTransactionAsync();
        await SmallKong.RunAsync(writer, "UPDATE services SET host = 'past the fence'");

        var brief = new FreezeSpec { DrainTimeout = TimeSpan.FromMilliseconds(200), LockTimeout = TimeSpan.FromMilliseconds(50) };
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => kong.FreezeAsync(brief));
        Assert.Equal(FailureCodes.WritersNotDrained, failure.Failure.Code);

        await writing.RollbackAsync();
        Assert.True((await kong.FreezeAsync()).HoldsFor(Fencing.Upgrade));
    }
}

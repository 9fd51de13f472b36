using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Tests.Backups;

public sealed class BackupManifestTests
{
    [Fact]
    public void Survives_writing_and_reading() => Assert.Equal(Manifest("database/toc.dat").ToBytes(), BackupManifest.Parse(Manifest("database/toc.dat").ToBytes()).ToBytes());

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("database/../../outside")]
    [InlineData("database\\toc.dat")]
    [InlineData("")]
    public void A_path_that_leads_out_of_the_backup_makes_it_none(string path) => Assert.Throws<JsonException>(() => BackupManifest.Parse(Manifest(path).ToBytes()));

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    public void A_name_that_leads_elsewhere_makes_it_none(string id) => Assert.Throws<JsonException>(() => BackupManifest.Parse((Manifest("f") with { BackupId = id }).ToBytes()));

    private static BackupManifest Manifest(string path) => new()
    {
        Format = BackupManifest.CurrentFormat,
        BackupId = "20260101T000000Z-1",
        UpgradeId = Guid.Empty,
        Cluster = "shop",
        TakenAt = DateTimeOffset.UnixEpoch,
        KongVersion = "2.8.5",
        ServerVersion = "15.1",
        DumpProgram = "pg_dump (PostgreSQL) 15.1",
        DatabaseIdentity = "1/2/kong",
        Schema = "public",
        Fingerprint = new ConfigurationFingerprint { Root = "r", Tables = [] },
        CompleteFingerprint = new ConfigurationFingerprint { Root = "r", Tables = [] },
        Migrations = [],
        TablesWithoutRows = [],
        RestoreTested = false,
        Files = [new BackupFile { Path = path, Bytes = 1, Sha256 = "00" }],
    };
}

using System.Security.Cryptography;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Tests.Databases;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class SealedBackupTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_forged_manifest_is_refused_by_whoever_has_the_key()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        using var keys = bench.SigningKeys.For(bench.Spec.Backup);
        using var publicHalf = ManifestKey.Parse(await File.ReadAllTextAsync(Path.Combine(bench.Directory.FullName, "state", "manifest-key.pem.pub")));
        Assert.False(publicHalf.CanSign);
        await BackupCatalog.OpenAsync(taken.Location, null, publicHalf, CancellationToken.None);

        // Consistent in itself: digests and sizes fit, only the signature does not.
        var path = Path.Combine(taken.Location, BackupLayout.Manifest);
        var genuine = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, (BackupManifest.Parse(genuine) with { KongVersion = "2.8.4" }).ToBytes());
        await BackupCatalog.OpenAsync(taken.Location, null, CancellationToken.None);
        await RefusedAsync("manifest.sig: does not fit the manifest", publicHalf);

        await File.WriteAllBytesAsync(path, genuine);
        await BackupCatalog.OpenAsync(taken.Location, null, keys.Signing, CancellationToken.None);
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ManifestKey.Parse(made.ExportPkcs8PrivateKeyPem());
        await RefusedAsync($"manifest.sig: made by key {publicHalf.Id}, expected is {other.Id}", other);
        File.Delete(Path.Combine(taken.Location, BackupLayout.Signature));
        await RefusedAsync("manifest.sig: missing or not readable", publicHalf);

        async Task RefusedAsync(string defect, ManifestKey key)
        {
            var failure = await Bench.FailureOfAsync(() => BackupCatalog.OpenAsync(taken.Location, null, key, CancellationToken.None));
            Assert.Equal((FailureCodes.BackupCorrupt, defect), (failure.Code, Assert.Single(failure.Details)));
        }
    }

    [Fact]
    public async Task An_encrypted_backup_shows_nothing_and_opens_with_its_key_alone()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var expected = (await bench.FreezeAsync()).Fingerprint;
        var clear = await bench.BackUpAsync(expected);
        var reference = Key(bench, "one");
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { EncryptionKey = reference } };
        using var keys = bench.SigningKeys.For(bench.Spec.Backup);
        var start = TimeProvider.System.GetTimestamp();
        await TestKit.Eventually.HoldsAsync("the next second, which names the next backup", () => Task.FromResult(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(1)));
        var taken = await bench.BackUpAsync(expected);

        Assert.NotEqual(clear.Location, taken.Location);
        Assert.Equal(taken.Location, (await bench.BackUpAsync(expected)).Location);
        Assert.All(
            Directory.GetFiles(taken.Location, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(f) is not (BackupLayout.Manifest or BackupLayout.Signature)),
            static f => Assert.Equal("KUMBAK1\n"u8.ToArray(), File.ReadAllBytes(f)[..8]));
        using (var opened = await bench.Opener.OpenAsync(taken.Location, taken.ManifestDigest, keys, CancellationToken.None))
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(clear.Location, BackupLayout.Environment)), await File.ReadAllBytesAsync(Path.Combine(opened.Backup.Location, BackupLayout.Environment)));
            Assert.True(File.Exists(Path.Combine(opened.Backup.DumpDirectory, "toc.dat")));
        }

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(bench.Directory.FullName, "opened")));
        var without = await Bench.FailureOfAsync(() => bench.Opener.OpenAsync(taken.Location, null, BackupKeys.None, CancellationToken.None));
        Assert.Equal(FailureCodes.SecretNotFound, without.Code);
        using var wrong = BackupKeys.Of(new BackupSpec { Directory = "/", EncryptionKey = Key(bench, "two") }, SecretReference.Resolve);
        Assert.Equal(FailureCodes.SecretNotFound, (await Bench.FailureOfAsync(() => bench.Opener.OpenAsync(taken.Location, null, wrong, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task A_wrong_key_is_named_before_anything_is_dumped()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var expected = (await bench.FreezeAsync()).Fingerprint;
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(Path.Combine(bench.Directory.FullName, "public"), made.ExportSubjectPublicKeyInfoPem());
        foreach (var backup in new[]
        {
            bench.Spec.Backup with { SigningKey = "file:" + Path.Combine(bench.Directory.FullName, "public") },
            bench.Spec.Backup with { SigningKey = "env:KUM_TEST_NOT_SET" },
            bench.Spec.Backup with { EncryptionKey = "file:" + Path.Combine(bench.Directory.FullName, "public") },
        })
        {
            bench.Spec = bench.Spec with { Backup = backup };
            Assert.Equal(FailureCodes.SecretNotFound, (await Bench.FailureOfAsync(() => bench.BackUpAsync(expected))).Code);
        }

        Assert.Empty(bench.Catalog.List());
    }

    private static string Key(Bench bench, string name)
    {
        var path = Path.Combine(bench.Directory.FullName, name + ".key");
        File.WriteAllText(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(EncryptionKey.Size)));
        return "file:" + path;
    }
}

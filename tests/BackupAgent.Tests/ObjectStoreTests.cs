using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Runtime;
using Amazon.S3;
using KongUpgradeMesh.Cli.Tests;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class ObjectStoreTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Bucket = "backups";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private readonly string _secrets = Directory.CreateTempSubdirectory("kum-store-").FullName;
    private SwiftServer? _swift;
    private AmazonS3Client? _client;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(SwiftServer.IsInstalled || RequiredServer.OnCi, "no object store is installed; run: apt-get install swift-proxy swift-account swift-container swift-object");
        _swift = await SwiftServer.StartAsync();
        _client = new AmazonS3Client(
            new BasicAWSCredentials(SwiftServer.AccessKey, SwiftServer.SecretKey),
            new AmazonS3Config { ServiceURL = _swift.Endpoint.ToString(), AuthenticationRegion = "us-east-1", ForcePathStyle = true });
        await _client.PutBucketAsync(Bucket);
        await File.WriteAllTextAsync(Path.Combine(_secrets, "id"), SwiftServer.AccessKey);
        await File.WriteAllTextAsync(Path.Combine(_secrets, "secret"), SwiftServer.SecretKey);
        await File.WriteAllTextAsync(Path.Combine(_secrets, "wrong"), "wrong");
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await (_swift?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_secrets, recursive: true);
    }

    [Fact]
    public async Task A_backup_outlives_its_host_in_the_store()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false, Store = Store() } };
        var expected = (await bench.FreezeAsync()).Fingerprint;
        var taken = await bench.BackUpAsync(expected);
        Directory.Delete(taken.Location, recursive: true);

        var spec = Path.Combine(bench.Directory.FullName, "upgrade.json");
        await File.WriteAllTextAsync(spec, JsonSerializer.Serialize(bench.Spec, Json));
        string[] source = ["-f", spec, "--from-store", "--verify-key", "file:" + Path.Combine(bench.Directory.FullName, "state", "manifest-key.pem.pub")];
        var listed = await KumAsync(["backups", "list", .. source]);
        Assert.True(listed.Output.Contains(taken.BackupId, StringComparison.Ordinal), listed.Output + listed.Error);
        var verified = await KumAsync(["backups", "verify", .. source]);
        Assert.Equal($"{taken.BackupId}: good; signature proven; not restored", verified.Output.Trim());
        var name = $"rescued_{Guid.NewGuid():N}"[..20];
        var restored = await KumAsync(
            ["backups", "restore", "latest", .. source, "--to-host", "127.0.0.1", "--to-port", kong.Spec.Port.ToString(), "--user", PostgresServer.User, "--to-database", name]);
        Assert.True(restored.ExitCode == 0, restored.Output + restored.Error);
        Assert.Equal(expected.Root, (await Bench.FingerprintAsync(kong.Spec with { Name = name, User = PostgresServer.User })).Root);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(bench.Spec.Backup.Directory, ".opened")));
    }

    [Fact]
    public async Task A_half_or_altered_copy_never_counts_and_only_the_newest_are_kept()
    {
        using var bench = new Bench(new DatabaseSpec { Host = "none", Name = "x", User = "x" });
        using var store = new ObjectStore(Store(), "shop", SecretReference.Resolve);
        var (old, half, newest) = (await SealedAsync(bench, "b1", 1), await SealedAsync(bench, "b2", 2), await SealedAsync(bench, "b3", 3));
        foreach (var backup in new[] { old, half, newest })
        {
            await store.UploadAsync(backup, CancellationToken.None);
        }

        Assert.Equal(["b3", "b2", "b1"], (await store.ListAsync(CancellationToken.None)).Select(static b => b.Manifest.BackupId));
        await _client!.DeleteObjectAsync(Bucket, "kong/shop/b2/" + BackupLayout.Manifest);
        Assert.Equal(["b3", "b1"], (await store.ListAsync(CancellationToken.None)).Select(static b => b.Manifest.BackupId));
        Assert.Equal(FailureCodes.BackupCorrupt, (await Bench.FailureOfAsync(() => bench.Opener.FetchAsync(store, "b2", CancellationToken.None))).Code);

        await _client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = Bucket, Key = "kong/shop/b3/database/data", ContentBody = "altered", UseChunkEncoding = false });
        using (var fetched = await bench.Opener.FetchAsync(store, "b3", CancellationToken.None))
        {
            var failure = await Bench.FailureOfAsync(() => BackupCatalog.OpenAsync(fetched.Location, newest.ManifestDigest, CancellationToken.None));
            Assert.Equal(FailureCodes.BackupCorrupt, failure.Code);
        }

        await store.RetireAsync(1, CancellationToken.None);
        Assert.Equal(["b3"], (await store.ListAsync(CancellationToken.None)).Select(static b => b.Manifest.BackupId));
        Assert.Empty((await _client.ListObjectsV2Async(new Amazon.S3.Model.ListObjectsV2Request { BucketName = Bucket, Prefix = "kong/shop/b1/" })).S3Objects ?? []);
    }

    [Fact]
    public async Task A_file_larger_than_a_part_comes_back_whole()
    {
        using var bench = new Bench(new DatabaseSpec { Host = "none", Name = "x", User = "x" });
        using var store = new ObjectStore(Store(), "shop", SecretReference.Resolve);
        var backup = await SealedAsync(bench, "large", 65 * 1024 * 1024);
        await store.UploadAsync(backup, CancellationToken.None);
        using var fetched = await bench.Opener.FetchAsync(store, "large", CancellationToken.None);
        await BackupCatalog.OpenAsync(fetched.Location, backup.ManifestDigest, CancellationToken.None);
    }

    [Fact]
    public async Task A_store_that_refuses_or_is_away_fails_the_step_and_the_next_try_only_uploads()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var expected = (await bench.FreezeAsync()).Fingerprint;
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false, Store = Store() with { SecretKey = "file:" + Path.Combine(_secrets, "wrong") } } };
        var refused = await Bench.FailureOfAsync(() => bench.BackUpAsync(expected));
        Assert.Equal((FailureCodes.BackupFailed, false), (refused.Code, refused.IsTransient));
        Assert.Contains("SignatureDoesNotMatch", refused.Message, StringComparison.Ordinal);
        var complete = Assert.Single(bench.Catalog.List());

        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { Store = Store() with { Endpoint = new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}") } } };
        var away = await Bench.FailureOfAsync(() => bench.BackUpAsync(expected));
        Assert.Equal((FailureCodes.BackupFailed, true), (away.Code, away.IsTransient));

        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { Store = Store() } };
        Assert.Equal(complete.Location, (await bench.BackUpAsync(expected)).Location);
        using var store = new ObjectStore(Store(), "shop", SecretReference.Resolve);
        Assert.Equal(complete.Manifest.BackupId, Assert.Single(await store.ListAsync(CancellationToken.None)).Manifest.BackupId);
    }

    private static Task<KumResult> KumAsync(string[] arguments) => Kum.RunAsync(new Uri("http://127.0.0.1:9"), arguments);

    private static async Task<StoredBackup> SealedAsync(Bench bench, string id, int size)
    {
        var location = Path.Combine(bench.Directory.FullName, "made", id);
        PrivateFiles.CreateDirectory(Path.Combine(location, BackupLayout.Dump));
        await File.WriteAllBytesAsync(Path.Combine(location, BackupLayout.Dump, "data"), RandomNumberGenerator.GetBytes(size));
        var nothing = new ConfigurationFingerprint { Root = "r", Tables = [] };
        await BackupSeal.SealAsync(
            location,
            new BackupManifest
            {
                Format = BackupManifest.CurrentFormat, BackupId = id, UpgradeId = Guid.NewGuid(), Cluster = "shop", TakenAt = DateTimeOffset.UnixEpoch.AddSeconds(size), KongVersion = "2.8.5",
                ServerVersion = "15.1", DumpProgram = "", DatabaseIdentity = "1/2/kong", Schema = "public", Fingerprint = nothing, CompleteFingerprint = nothing,
                Migrations = [], TablesWithoutRows = [], RestoreTested = false, Files = [],
            },
            BackupKeys.None,
            CancellationToken.None);
        return await BackupCatalog.OpenAsync(location, null, CancellationToken.None);
    }

    private ObjectStoreSpec Store() => new()
    {
        Endpoint = _swift!.Endpoint,
        Bucket = Bucket,
        Prefix = "kong/",
        AccessKey = "file:" + Path.Combine(_secrets, "id"),
        SecretKey = "file:" + Path.Combine(_secrets, "secret"),
    };
}

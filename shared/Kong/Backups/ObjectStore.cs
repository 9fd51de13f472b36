using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>Copies of the backups of one cluster in an object store. What counts is a backup's manifest: it is written last and removed first, so that a half copy is never one.</summary>
public sealed class ObjectStore : IDisposable
{
    private const long PartSize = 64L * 1024 * 1024;
    private static readonly TimeSpan RequestTime = TimeSpan.FromMinutes(5);

    private readonly ObjectStoreSpec _spec;
    private readonly string _root;
    private readonly AmazonS3Client _client;

    /// <summary>Opens the store; nothing is asked of it yet.</summary>
    /// <param name="spec">Where it is.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="resolveSecret">Turns a reference into the secret; its exceptions pass through.</param>
    public ObjectStore(ObjectStoreSpec spec, string cluster, Func<string, string> resolveSecret)
    {
        _spec = spec;
        _root = $"{spec.Prefix}{cluster}/";
        _client = new AmazonS3Client(
            new BasicAWSCredentials(resolveSecret(spec.AccessKey), resolveSecret(spec.SecretKey)),
            new AmazonS3Config
            {
                ServiceURL = spec.Endpoint.ToString(),
                AuthenticationRegion = spec.Region,
                ForcePathStyle = spec.PathStyle,
                Timeout = RequestTime,
                MaxErrorRetry = 3,

                // Checksums in trailers are unknown to many stores; the manifest's digests prove more.
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
    }

    /// <summary>Complete copies with a readable manifest, the newest first; their files are not verified. Their location is an address, no directory.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupFailed"/>: the store cannot be asked.</exception>
    public async Task<IReadOnlyList<StoredBackup>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<StoredBackup>();
        foreach (var key in await KeysAsync(_root, cancellationToken))
        {
            if (key[_root.Length..].Split('/') is [var backupId, BackupLayout.Manifest] && TryRead(backupId, await ReadManifestAsync(backupId, cancellationToken)) is { } backup)
            {
                found.Add(backup);
            }
        }

        return [.. found.OrderByDescending(static b => b.Manifest.TakenAt).ThenByDescending(static b => b.Manifest.BackupId, StringComparer.Ordinal)];
    }

    /// <summary>Puts a complete backup into the store; one that is there already with the same manifest is left as it is.</summary>
    /// <param name="backup">A backup of this host.</param>
    /// <param name="cancellationToken">Gives up; what was written does not count as a backup.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupFailed"/>.</exception>
    public async Task UploadAsync(StoredBackup backup, CancellationToken cancellationToken)
    {
        var manifest = await File.ReadAllBytesAsync(Path.Combine(backup.Location, BackupLayout.Manifest), cancellationToken);
        var there = await ReadManifestAsync(backup.Manifest.BackupId, cancellationToken);
        if (there is not null && there.AsSpan().SequenceEqual(manifest))
        {
            return;
        }

        var signature = Path.Combine(backup.Location, BackupLayout.Signature);
        foreach (var path in backup.Manifest.Files.Select(static f => f.Path).Concat(File.Exists(signature) ? [BackupLayout.Signature] : Array.Empty<string>()).Append(BackupLayout.Manifest))
        {
            await PutAsync(Path.Combine(backup.Location, path), KeyOf(backup.Manifest.BackupId, path), cancellationToken);
        }
    }

    /// <summary>Fetches a backup into a new directory. It is as the store had it: whoever uses it must open, and so verify, it.</summary>
    /// <param name="backupId">Name of the backup.</param>
    /// <param name="directory">A private directory that is empty.</param>
    /// <param name="cancellationToken">Gives up, leaving a directory without a manifest.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupCorrupt"/> when the store has no such complete backup, <see cref="FailureCodes.BackupFailed"/> when it cannot be asked.</exception>
    public async Task DownloadAsync(string backupId, string directory, CancellationToken cancellationToken)
    {
        var bytes = await ReadManifestAsync(backupId, cancellationToken);
        var manifest = (TryRead(backupId, bytes) ?? throw Missing(backupId)).Manifest;
        var present = (await KeysAsync(KeyOf(backupId, ""), cancellationToken)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in manifest.Files.Select(static f => f.Path).Append(BackupLayout.Signature).Where(p => present.Contains(KeyOf(backupId, p))))
        {
            var target = Path.Combine(directory, path);
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(target)!);
            await AskAsync(
                async () =>
                {
                    using var answer = await _client.GetObjectAsync(_spec.Bucket, KeyOf(backupId, path), cancellationToken);
                    await using var file = PrivateFiles.Create(target);
                    await answer.ResponseStream.CopyToAsync(file, cancellationToken);
                    return true;
                },
                cancellationToken);
        }

        await using var last = PrivateFiles.Create(Path.Combine(directory, BackupLayout.Manifest));
        await last.WriteAsync(bytes!, cancellationToken);
    }

    /// <summary>Removes all complete copies but the newest.</summary>
    /// <param name="keep">How many stay.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupFailed"/>.</exception>
    public async Task RetireAsync(int keep, CancellationToken cancellationToken)
    {
        foreach (var old in (await ListAsync(cancellationToken)).Skip(Math.Max(keep, 1)).Select(static b => b.Manifest.BackupId))
        {
            await AskAsync(() => _client.DeleteObjectAsync(_spec.Bucket, KeyOf(old, BackupLayout.Manifest), cancellationToken), cancellationToken);
            foreach (var key in await KeysAsync(KeyOf(old, ""), cancellationToken))
            {
                await AskAsync(() => _client.DeleteObjectAsync(_spec.Bucket, key, cancellationToken), cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // An object under another name than its manifest says is not that backup.
    private StoredBackup? TryRead(string backupId, byte[]? manifest)
    {
        try
        {
            return manifest is not null && BackupManifest.Parse(manifest) is var read && read.BackupId == backupId
                ? new StoredBackup($"s3://{_spec.Bucket}/{_root}{backupId}", Convert.ToHexStringLower(SHA256.HashData(manifest)), read)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string KeyOf(string backupId, string path) => $"{_root}{backupId}/{path}";

    private async Task<byte[]?> ReadManifestAsync(string backupId, CancellationToken cancellationToken) => await AskAsync(
        async () =>
        {
            try
            {
                using var answer = await _client.GetObjectAsync(_spec.Bucket, KeyOf(backupId, BackupLayout.Manifest), cancellationToken);
                using var buffer = new MemoryStream();
                await answer.ResponseStream.CopyToAsync(buffer, cancellationToken);
                return buffer.ToArray();
            }
            catch (AmazonS3Exception absent) when (absent.StatusCode == HttpStatusCode.NotFound && absent.ErrorCode == "NoSuchKey")
            {
                return null;
            }
        },
        cancellationToken);

    private Task<List<string>> KeysAsync(string prefix, CancellationToken cancellationToken) => AskAsync(
        async () =>
        {
            var keys = new List<string>();
            var request = new ListObjectsV2Request { BucketName = _spec.Bucket, Prefix = prefix };
            bool more;
            do
            {
                var page = await _client.ListObjectsV2Async(request, cancellationToken);
                keys.AddRange((page.S3Objects ?? []).Select(static o => o.Key));
                more = page.IsTruncated == true && page.NextContinuationToken != request.ContinuationToken;
                request.ContinuationToken = page.NextContinuationToken;
            }
            while (more);
            return keys;
        },
        cancellationToken);

    private async Task PutAsync(string path, string key, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length <= PartSize)
        {
            await AskAsync(
                () => _client.PutObjectAsync(new PutObjectRequest { BucketName = _spec.Bucket, Key = key, FilePath = path, UseChunkEncoding = false }, cancellationToken), cancellationToken);
            return;
        }

        var upload = await AskAsync(() => _client.InitiateMultipartUploadAsync(_spec.Bucket, key, cancellationToken), cancellationToken);
        try
        {
            await AskAsync(() => PutPartsAsync(path, key, upload.UploadId, cancellationToken), cancellationToken);
        }
        catch
        {
            await AbortAsync(key, upload.UploadId);
            throw;
        }
    }

    private async Task<CompleteMultipartUploadResponse> PutPartsAsync(string path, string key, string uploadId, CancellationToken cancellationToken)
    {
        var length = new FileInfo(path).Length;
        var parts = new List<PartETag>();
        for (long position = 0; position < length; position += PartSize)
        {
            var part = await _client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = _spec.Bucket,
                    Key = key,
                    UploadId = uploadId,
                    PartNumber = parts.Count + 1,
                    FilePath = path,
                    FilePosition = position,
                    PartSize = Math.Min(PartSize, length - position),
                    UseChunkEncoding = false,
                },
                cancellationToken);
            parts.Add(new PartETag(parts.Count + 1, part.ETag));
        }

        return await _client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = _spec.Bucket, Key = key, UploadId = uploadId, PartETags = parts }, cancellationToken);
    }

    // Parts that nobody completes are stored, and paid for, without being seen.
    private async Task AbortAsync(string key, string uploadId)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await _client.AbortMultipartUploadAsync(_spec.Bucket, key, uploadId, limit.Token);
        }
        catch (Exception exception) when (exception is AmazonServiceException or AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            // The failure that led here matters more; a lifecycle rule of the bucket clears such parts.
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is AmazonServiceException or AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            var said = exception is AmazonServiceException { ErrorCode.Length: > 0 } refused ? $"refuses: {refused.ErrorCode}" : "does not answer";
            throw new StepFailedException(
                new Failure
                {
                    Code = FailureCodes.BackupFailed,
                    Message = $"The object store at {_spec.Endpoint} (bucket {_spec.Bucket}) {said}.",
                    Remedy = "Check endpoint, bucket, prefix and the rights of the access key in spec.backup.store; then: kum retry. A backup that is complete on the backup host is not taken again.",
                    IsTransient = exception is not AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.NotFound },
                },
                exception);
        }
    }

    private StepFailedException Missing(string backupId) => new(new Failure
    {
        Code = FailureCodes.BackupCorrupt,
        Message = $"The object store at {_spec.Endpoint} (bucket {_spec.Bucket}) has no complete backup {backupId}.",
        Remedy = "kum backups list --from-store shows those that are complete.",
    });
}

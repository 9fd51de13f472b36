using System.Security.Cryptography;
using System.Text;
using Geralt;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>
/// Encrypts files with libsodium's secret stream (XChaCha20-Poly1305): chunks in constant memory, each authenticated, in order, with a marked end, so that a cut file does not pass for a short one.
/// Layout: 8 bytes magic, 24 bytes header, then chunks of 64 KiB of text and 17 bytes; the last chunk, which may be empty, carries the final tag.
/// </summary>
public static class FileEncryption
{
    /// <summary>Name in the manifest.</summary>
    public const string Algorithm = "xchacha20poly1305-secretstream-64k";

    private const int ChunkSize = 64 * 1024;

    private static ReadOnlySpan<byte> Magic => "KUMBAK1\n"u8;

    /// <summary>Encrypts one file into a new one that only its owner may read.</summary>
    /// <param name="source">Path of the clear file.</param>
    /// <param name="target">Path of the encrypted file; must not exist.</param>
    /// <param name="key">The key.</param>
    /// <param name="context">What the file is (backup and path); decryption must name the same, so that files cannot be swapped.</param>
    /// <param name="cancellationToken">Gives up; the half target stays for the caller to remove.</param>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static async Task EncryptAsync(string source, string target, EncryptionKey key, string context, CancellationToken cancellationToken)
    {
        await using var input = File.OpenRead(source);
        await using var output = PrivateFiles.Create(target);
        var header = new byte[IncrementalXChaCha20Poly1305.HeaderSize];
        using var stream = new IncrementalXChaCha20Poly1305(header, key.Bytes, encryption: true);
        await output.WriteAsync(Magic.ToArray(), cancellationToken);
        await output.WriteAsync(header, cancellationToken);
        var about = Encoding.UTF8.GetBytes(context);
        var clear = new byte[ChunkSize];
        var sealedChunk = new byte[ChunkSize + IncrementalXChaCha20Poly1305.TagSize];
        bool isLast;
        do
        {
            var read = await input.ReadAtLeastAsync(clear, ChunkSize, throwOnEndOfStream: false, cancellationToken);
            isLast = read < ChunkSize;
            var length = read + IncrementalXChaCha20Poly1305.TagSize;
            stream.EncryptChunk(
                sealedChunk.AsSpan(0, length), clear.AsSpan(0, read), about,
                isLast ? IncrementalXChaCha20Poly1305.ChunkFlag.Final : IncrementalXChaCha20Poly1305.ChunkFlag.Message);
            await output.WriteAsync(sealedChunk.AsMemory(0, length), cancellationToken);
        }
        while (!isLast);
        CryptographicOperations.ZeroMemory(clear);
        output.Flush(flushToDisk: true);
    }

    /// <summary>Decrypts one file into a new one that only its owner may read.</summary>
    /// <param name="source">Path of the encrypted file.</param>
    /// <param name="target">Path of the clear file; must not exist.</param>
    /// <param name="key">The key.</param>
    /// <param name="context">What the file is, as it was said at encryption.</param>
    /// <param name="cancellationToken">Gives up; the half target stays for the caller to remove.</param>
    /// <exception cref="CryptographicException">Wrong key, wrong file, or not what was encrypted.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static async Task DecryptAsync(string source, string target, EncryptionKey key, string context, CancellationToken cancellationToken)
    {
        await using var input = File.OpenRead(source);
        await using var output = PrivateFiles.Create(target);
        var start = new byte[Magic.Length + IncrementalXChaCha20Poly1305.HeaderSize];
        if (await input.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken) < start.Length || !start.AsSpan().StartsWith(Magic))
        {
            throw new CryptographicException("Not an encrypted file of a backup.");
        }

        using var stream = new IncrementalXChaCha20Poly1305(start.AsSpan(Magic.Length), key.Bytes, encryption: false);
        var about = Encoding.UTF8.GetBytes(context);
        var sealedChunk = new byte[ChunkSize + IncrementalXChaCha20Poly1305.TagSize];
        var clear = new byte[ChunkSize];
        while (true)
        {
            var read = await input.ReadAtLeastAsync(sealedChunk, sealedChunk.Length, throwOnEndOfStream: false, cancellationToken);
            if (read < IncrementalXChaCha20Poly1305.TagSize)
            {
                throw new CryptographicException("The encrypted file ends too early.");
            }

            var length = read - IncrementalXChaCha20Poly1305.TagSize;
            var flag = stream.DecryptChunk(clear.AsSpan(0, length), sealedChunk.AsSpan(0, read), about);
            await output.WriteAsync(clear.AsMemory(0, length), cancellationToken);
            if (flag != IncrementalXChaCha20Poly1305.ChunkFlag.Final)
            {
                continue;
            }

            if (input.Position != input.Length)
            {
                throw new CryptographicException("Something follows the end of the encrypted file.");
            }

            return;
        }
    }
}

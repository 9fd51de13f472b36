using System.Security.Cryptography;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Tests.Backups;

public sealed class FileEncryptionTests : IDisposable
{
    private const int Chunk = 64 * 1024;
    private const int SealedChunk = Chunk + 17;
    private const int Start = 8 + 24;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kum-encryption-");
    private readonly EncryptionKey _key = NewKey();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData(3 * Chunk)]
    public async Task Gives_back_what_was_put_in(int size)
    {
        var (clear, stored) = await EncryptAsync(size);
        Assert.Equal(clear, await DecryptAsync(stored, _key, "b/f"));
        Assert.Equal(Start + (size / Chunk * SealedChunk) + (size % Chunk) + 17, stored.Length);
    }

    [Theory]
    [InlineData("a flipped bit")]
    [InlineData("a cut end")]
    [InlineData("a missing last chunk")]
    [InlineData("swapped chunks")]
    [InlineData("something appended")]
    [InlineData("an empty file")]
    [InlineData("another key")]
    [InlineData("another file's name")]
    public async Task Refuses(string damage)
    {
        var (_, stored) = await EncryptAsync((2 * Chunk) + 100);
        byte[] broken = damage switch
        {
            "a flipped bit" => [.. stored[..^1], (byte)(stored[^1] ^ 1)],
            "a cut end" => stored[..^50],
            "a missing last chunk" => stored[..(Start + (2 * SealedChunk))],
            "swapped chunks" => [.. stored[..Start], .. stored[(Start + SealedChunk)..(Start + (2 * SealedChunk))], .. stored[Start..(Start + SealedChunk)], .. stored[(Start + (2 * SealedChunk))..]],
            "something appended" => [.. stored, 0],
            "an empty file" => [],
            _ => stored,
        };
        await Assert.ThrowsAsync<CryptographicException>(() => DecryptAsync(broken, damage == "another key" ? NewKey() : _key, damage == "another file's name" ? "b/g" : "b/f"));
    }

    private static EncryptionKey NewKey() => EncryptionKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(EncryptionKey.Size)));

    private async Task<(byte[] Clear, byte[] Stored)> EncryptAsync(int size)
    {
        var clear = RandomNumberGenerator.GetBytes(size);
        var (from, to) = (New(), New());
        await File.WriteAllBytesAsync(from, clear);
        await FileEncryption.EncryptAsync(from, to, _key, "b/f", CancellationToken.None);
        return (clear, await File.ReadAllBytesAsync(to));
    }

    private async Task<byte[]> DecryptAsync(byte[] stored, EncryptionKey key, string context)
    {
        var (from, to) = (New(), New());
        await File.WriteAllBytesAsync(from, stored);
        await FileEncryption.DecryptAsync(from, to, key, context, CancellationToken.None);
        return await File.ReadAllBytesAsync(to);
    }

    private string New() => Path.Combine(_directory.FullName, Guid.NewGuid().ToString("N"));
}

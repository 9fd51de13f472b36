using System.Security.Cryptography;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>The symmetric key of encrypted backups. Never printed: only its id may be.</summary>
public sealed class EncryptionKey
{
    /// <summary>Length of the key in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes;

    private EncryptionKey(byte[] bytes)
    {
        _bytes = bytes;
        Id = Convert.ToHexStringLower(HMACSHA256.HashData(bytes, "kum backup key id"u8))[..16];
    }

    /// <summary>16 hexadecimal digits that tell keys apart and nothing of the key.</summary>
    public string Id { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads a key.</summary>
    /// <param name="text">32 random bytes in base64, as <c>openssl rand -base64 32</c> prints them.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/> when it is anything else; the text is not repeated.</exception>
    public static EncryptionKey Parse(string text)
    {
        var bytes = new byte[Size];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var written) && written == Size
            ? new EncryptionKey(bytes)
            : throw new StepFailedException(new Failure
            {
                Code = FailureCodes.SecretNotFound,
                Message = "What spec.backup.encryptionKey refers to is not a key of 32 bytes in base64.",
                Remedy = "Make one with: openssl rand -base64 32; keep it where the backups are not; then: kum retry.",
            });
    }
}

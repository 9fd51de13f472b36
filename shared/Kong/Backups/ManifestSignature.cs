using System.Text.Json;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>The detached signature of a manifest; the file <c>manifest.sig</c>.</summary>
/// <param name="Algorithm"><c>ES256</c>: ECDSA on P-256 with SHA-256, fixed-size form (r, s).</param>
/// <param name="KeyId">Tells which key signed: <see cref="ManifestKey.Id"/>.</param>
/// <param name="Value">The signature over the bytes of <c>manifest.json</c>, base64.</param>
public sealed record ManifestSignature(string Algorithm, string KeyId, byte[] Value)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The bytes of <c>manifest.sig</c>.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a signature; null when the bytes are none.</summary>
    /// <param name="bytes">The bytes of <c>manifest.sig</c>.</param>
    public static ManifestSignature? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<ManifestSignature>(bytes, Json) is { Algorithm: not null, KeyId: not null, Value: not null } signature ? signature : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

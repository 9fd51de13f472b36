using System.Security.Cryptography;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>
/// An ECDSA P-256 key for manifests. Asymmetric, because backups are signed on one host and opened on others: those need only the public half and cannot sign with it.
/// </summary>
public sealed class ManifestKey : IDisposable
{
    private const string Algorithm = "ES256";

    private readonly ECDsa _key;

    private ManifestKey(ECDsa key, bool canSign)
    {
        _key = key;
        CanSign = canSign;
        Id = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
    }

    /// <summary>First 16 hexadecimal digits of the SHA-256 of the public key (SubjectPublicKeyInfo).</summary>
    public string Id { get; }

    /// <summary>Whether the private half is there.</summary>
    public bool CanSign { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="pem">Private or public key on P-256 in PEM, as <c>openssl ecparam -name prime256v1 -genkey -noout</c> and <c>openssl ec -pubout</c> print them.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/> when it is anything else; the text is not repeated.</exception>
    public static ManifestKey Parse(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.KeySize == 256)
            {
                return new ManifestKey(key, IsPrivate(key));
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw NoKey(exception);
        }

        key.Dispose();
        throw NoKey(null);
    }

    /// <summary>The key in a file; made there (mode 0600, the public half beside it as <c>.pub</c>) when there is none.</summary>
    /// <param name="path">Path of the file with the private key.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="StepFailedException">The file holds something else.</exception>
    public static ManifestKey LoadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return Parse(File.ReadAllText(path));
        }

        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var partial = $"{path}.{Guid.NewGuid():N}";
        using (var writer = new StreamWriter(PrivateFiles.Create(partial)))
        {
            writer.Write(made.ExportPkcs8PrivateKeyPem());
        }

        try
        {
            File.Move(partial, path, overwrite: false);
            File.WriteAllText(path + ".pub", made.ExportSubjectPublicKeyInfoPem());
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(partial); // Another process was faster: its key is the one.
        }

        return Parse(File.ReadAllText(path));
    }

    /// <summary>Signs a manifest.</summary>
    /// <param name="manifest">The bytes of <c>manifest.json</c>.</param>
    /// <exception cref="InvalidOperationException">Only the public half is there.</exception>
    public ManifestSignature Sign(ReadOnlySpan<byte> manifest) => CanSign
        ? new ManifestSignature(Algorithm, Id, _key.SignData(manifest.ToArray(), HashAlgorithmName.SHA256))
        : throw new InvalidOperationException("A public key cannot sign.");

    /// <summary>What is wrong with a signature; null when it is this key's and fits.</summary>
    /// <param name="manifest">The bytes of <c>manifest.json</c>.</param>
    /// <param name="signature">The signature; null when there is none.</param>
    public string? DefectOf(ReadOnlySpan<byte> manifest, ManifestSignature? signature) => signature switch
    {
        null => "missing or not readable",
        { Algorithm: not Algorithm } => "made by an unknown algorithm",
        _ when signature.KeyId != Id => $"made by key {signature.KeyId}, expected is {Id}",
        _ => _key.VerifyData(manifest, signature.Value, HashAlgorithmName.SHA256) ? null : "does not fit the manifest",
    };

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static bool IsPrivate(ECDsa key)
    {
        try
        {
            return key.ExportParameters(includePrivateParameters: true).D is not null;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static StepFailedException NoKey(Exception? inner) => new(
        new Failure
        {
            Code = FailureCodes.SecretNotFound,
            Message = "What spec.backup.signingKey refers to is not an EC key on P-256 in PEM.",
            Remedy = "Make one with: openssl ecparam -name prime256v1 -genkey -noout; where backups are only read, its public half suffices (openssl ec -pubout).",
        },
        inner);
}

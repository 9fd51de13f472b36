using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>The keys that this agent makes backups with: the spec's, or for signing a key of the agent's own, made at its first backup.</summary>
/// <param name="path">File of the agent's own key, in a directory that survives restarts.</param>
public sealed class SigningKeys(string path)
{
    /// <summary>Keys for the backups of a spec; a key to sign with is always among them.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/> when a reference does not lead to a fitting key.</exception>
    public BackupKeys For(BackupSpec spec)
    {
        var keys = BackupKeys.Of(spec, SecretReference.Resolve);
        if (keys.Signing is { CanSign: false })
        {
            keys.Dispose();
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.SecretNotFound,
                Message = "spec.backup.signingKey leads to a public key here; the backup agent needs the private one.",
                Remedy = "Put the private key where the reference leads on the backup agent's host; then: kum retry.",
            });
        }

        return keys.Signing is null ? keys with { Signing = ManifestKey.LoadOrCreate(path) } : keys;
    }
}

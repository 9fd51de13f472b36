using System.CommandLine;
using KongUpgradeMesh.Cli.Specs;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary>Options that say which backups are meant and with which keys they are opened: a spec, or directory and cluster.</summary>
internal sealed class CatalogOptions
{
    private readonly Option<string?> _file = new("--file", "-f") { Description = "The spec: names directory, cluster and keys" };
    private readonly Option<string?> _directory = new("--directory") { Description = "Directory of the backups, when there is no spec" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "Name of the cluster, when there is no spec" };
    private readonly Option<string?> _verifyKey = new("--verify-key") { Description = "Reference (env:NAME or file:/path) to the key that signed the manifests; the public half suffices" };
    private readonly Option<string?> _encryptionKey = new("--encryption-key") { Description = "Reference to the key that encrypted the files" };
    private readonly Option<bool> _fromStore = new("--from-store") { Description = "The copies in the spec's object store instead of those on this host" };
    private readonly Option<string?> _scratch = new("--scratch") { Description = "Where backups are fetched and decrypted for the time of the command; default .opened in the directory of the backups" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _file, _directory, _cluster, _verifyKey, _encryptionKey, _fromStore, _scratch })
        {
            command.Add(option);
        }

        RequireReference(_verifyKey);
        RequireReference(_encryptionKey);
        command.Validators.Add(result =>
        {
            var hasSpec = result.GetValue(_file) is not null;
            var hasPlace = result.GetValue(_directory) is not null && result.GetValue(_cluster) is not null;
            if (hasSpec == hasPlace)
            {
                result.AddError("Name the spec (--file), or --directory and --cluster.");
            }

            if (result.GetValue(_fromStore) && !hasSpec)
            {
                result.AddError("--from-store needs the spec (--file), which names the store.");
            }
        });
    }

    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/> when a key cannot be had.</exception>
    public async Task<Catalog> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var spec = parsed.GetValue(_file) is { } file ? await LocalSpec.ReadAsync(file, cancellationToken) : null;
        var directory = spec?.Backup.Directory ?? Path.GetFullPath(parsed.GetValue(_directory)!);
        var references = new BackupSpec
        {
            Directory = directory,
            SigningKey = parsed.GetValue(_verifyKey) ?? spec?.Backup.SigningKey,
            EncryptionKey = parsed.GetValue(_encryptionKey) ?? spec?.Backup.EncryptionKey,
        };
        var store = !parsed.GetValue(_fromStore) ? null : spec!.Backup.Store ?? throw new StepFailedException(new Failure
        {
            Code = FailureCodes.SpecInvalid,
            Message = "The spec names no object store.",
            Remedy = "Add backup.store to it, or leave --from-store out.",
        });
        return new Catalog(
            new BackupCatalog(directory, spec?.Cluster ?? parsed.GetValue(_cluster)!),
            BackupKeys.Of(references, SecretReference.Resolve),
            new BackupOpener(parsed.GetValue(_scratch) ?? Path.Combine(directory, ".opened")),
            store is null ? null : new ObjectStore(store, spec!.Cluster, SecretReference.Resolve),
            spec);
    }

    /// <summary>Refuses a secret on the command line, where every user of the host could read it.</summary>
    public static void RequireReference(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is { } value && !SecretReference.IsReference(value))
        {
            result.AddError($"{option.Name} must be a reference, env:NAME or file:/path; a secret does not belong on a command line.");
        }
    });
}

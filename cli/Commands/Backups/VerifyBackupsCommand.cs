using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using KongUpgradeMesh.Cli.Printing;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Restoring;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary><c>kum backups verify</c>.</summary>
internal static class VerifyBackupsCommand
{
    public static Command Create(SharedOptions shared)
    {
        var catalogOptions = new CatalogOptions();
        var serverOptions = new ServerOptions();
        var id = new Argument<string?>("backupId") { Description = "One backup, or latest; all of the cluster when it is left out", Arity = ArgumentArity.ZeroOrOne };
        var restoreTest = new Option<bool>("--restore-test")
        {
            Description = "Restore each into a scratch database and compare it; on the server of --to-host, or on cluster Y's of the spec",
        };
        var command = new Command("verify", "Verify digests, signature and, when asked for, that backups restore") { id, restoreTest };
        catalogOptions.AddTo(command);
        serverOptions.AddTo(command, isRequired: false);
        return shared.Run(command, async (session, parsed, cancellationToken) =>
        {
            using var catalog = await catalogOptions.ReadAsync(parsed, cancellationToken);
            var verified = new List<VerifiedBackup>();
            foreach (var backup in parsed.GetValue(id) is { } one ? [await catalog.FindAsync(one, cancellationToken)] : await catalog.ListAsync(cancellationToken))
            {
                Func<StoredBackup, Task>? restore = parsed.GetValue(restoreTest) ? opened => RestoreAsync(opened, serverOptions, parsed, catalog, session.Clock, cancellationToken) : null;
                verified.Add(await VerifyAsync(catalog, backup, restore, cancellationToken));
            }

            session.Print(verified, Write);
            return verified.TrueForAll(static v => v.Failure is null) ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    private static async Task<VerifiedBackup> VerifyAsync(Catalog catalog, StoredBackup backup, Func<StoredBackup, Task>? restore, CancellationToken cancellationToken)
    {
        try
        {
            if (restore is null)
            {
                // Decrypting proves nothing that the digests do not, so no key is needed for it.
                await catalog.VerifyAsync(backup, cancellationToken);
            }
            else
            {
                using var opened = await catalog.OpenAsync(backup, cancellationToken);
                await restore(opened.Backup);
            }

            return new VerifiedBackup(backup.Manifest.BackupId, catalog.ProvesSignatures, restore is not null, null);
        }
        catch (StepFailedException failed)
        {
            return new VerifiedBackup(backup.Manifest.BackupId, false, false, failed.Failure);
        }
    }

    private static Task RestoreAsync(StoredBackup opened, ServerOptions options, ParseResult parsed, Catalog catalog, TimeProvider clock, CancellationToken cancellationToken)
    {
        // The same name each time: what a crash leaves is cleared away by the next test of this backup.
        var name = "kum_verify_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(opened.Manifest.BackupId)))[..16];
        var target = options.Database(parsed, catalog.Spec, name, opened.Manifest.Schema) ?? throw new StepFailedException(new Failure
        {
            Code = FailureCodes.CommandNotPossible,
            Message = "A restore test needs a server.",
            Remedy = "Name one with --to-host and --user, or give a spec with --file.",
        });
        var request = new RestoreRequest(target, parsed.GetValue(options.Jobs), TimeSpan.FromMinutes(parsed.GetValue(options.Minutes)));
        return new BackupRestorer(new PostgresTools(new ProgramRunner(clock)), clock).TestAsync(opened, request, null, cancellationToken);
    }

    private static void Write(TextWriter output, IReadOnlyList<VerifiedBackup> verified)
    {
        foreach (var backup in verified)
        {
            if (backup.Failure is { } failure)
            {
                output.WriteLine($"{backup.BackupId}: BAD");
                ProblemText.Write(output, failure);
            }
            else
            {
                output.WriteLine(
                    $"{backup.BackupId}: good; {(backup.SignatureProven ? "signature proven" : "signature not proven: no key was given")}; {(backup.Restored ? "restored and compared" : "not restored")}");
            }
        }
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.DeployAgent.Executables;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Restoring;

/// <summary>Plays a dump into an empty database, leaving the write fence out.</summary>
internal sealed class DumpRestore(IProgramRunner programs, PostgresTools tools, IOptions<DeployOptions> options)
{
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.RestoreFailed"/> or <see cref="FailureCodes.ToolMissing"/>.</exception>
    public async Task RunAsync(StoredBackup backup, KongDatabase target, int jobs, CancellationToken cancellationToken)
    {
        var program = await tools.FindAsync("pg_restore", PostgresPrograms.MajorOf(backup.Manifest.DumpProgram), cancellationToken);

        // One transaction leaves nothing behind when it fails; several jobs cannot share one, and there the database is dropped instead.
        string[] manner = jobs > 1 ? ["--jobs", jobs.ToString()] : ["--single-transaction"];
        var result = await programs.RunAsync(
            new ProgramCall
            {
                File = program,
                Arguments =
                [
                    "--dbname", target.Spec.Name, "--use-list", backup.RestoreList, "--exit-on-error", "--no-owner", "--role", target.Spec.User,
                    "--no-privileges", "--no-password", .. manner, backup.DumpDirectory,
                ],
                Environment = target.ProcessEnvironment(),
                Timeout = options.Value.RestoreTimeout,
            },
            cancellationToken);
        if (!result.Succeeded)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.RestoreFailed,
                Message = $"pg_restore could not play the backup into {target}.",
                Remedy = "Read the output below and correct the cause; then: kum retry. The half-restored copy is dropped by then.",
                Details = ProgramTail.Of(result, target.ProcessEnvironment().Where(static v => v.Key == "PGPASSWORD").Select(static v => v.Value).OfType<string>()),
            });
        }
    }
}

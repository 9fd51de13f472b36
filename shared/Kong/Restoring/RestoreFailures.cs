using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.Kong.Restoring;

/// <summary>Failures of restoring a backup on this host.</summary>
internal static class RestoreFailures
{
    private const int KeptLines = 10;

    public static StepFailedException IsOrigin(KongDatabase target, DatabaseIdentity origin) => new(new Failure
    {
        Code = FailureCodes.SameDatabase,
        Message = $"{target} is, by physical identity ({origin}), the database that this backup was taken from.",
        Remedy = "Name another database with --to-database, or another server with --to-host; nothing was changed.",
    });

    public static StepFailedException OriginUnknown(BackupManifest manifest) => new(new Failure
    {
        Code = FailureCodes.BackupCorrupt,
        Message = $"The manifest of {manifest.BackupId} does not say which database it was taken from, so nothing proves that the target is another one.",
        Remedy = "Use another backup: kum backups list.",
    });

    public static StepFailedException TooOld(KongDatabase target, int major, int dumped) => new(new Failure
    {
        Code = FailureCodes.DatabaseVersionTooOld,
        Message = $"The server of {target} is PostgreSQL {major}; the dump comes from {dumped}.",
        Remedy = $"Restore to a server of PostgreSQL {dumped} or newer; nothing was changed.",
    });

    public static StepFailedException NotATarget(KongDatabase target, BackupManifest manifest) => new(new Failure
    {
        Code = FailureCodes.CommandNotPossible,
        Message = $"{target} cannot be the target of a restore of schema {manifest.Schema}.",
        Remedy = "Name a database of its own with --to-database; nothing was changed.",
    });

    public static StepFailedException NotEmpty(KongDatabase target) => new(new Failure
    {
        Code = FailureCodes.DatabaseNotEmpty,
        Message = $"{target} exists and is not empty.",
        Remedy = "Name another database with --to-database, or drop this one yourself if nobody needs it; nothing was changed.",
    });

    public static StepFailedException Busy(KongDatabase target) => new(new Failure
    {
        Code = FailureCodes.LockTimeout,
        Message = $"Another restore to {target} is under way.",
        Remedy = "Wait for it; nothing was changed.",
        IsTransient = true,
    });

    public static StepFailedException NotPlayed(KongDatabase target, ProgramResult result) => new(new Failure
    {
        Code = FailureCodes.RestoreFailed,
        Message = $"pg_restore could not play the backup for {target} (exit code {result.ExitCode}).",
        Remedy = "The last lines of its output are in the details (a missing extension, a missing right, a full disk); then try again. Nothing was left.",
        Details = [.. result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(KeptLines).Select(static l => l.Length <= 300 ? l : l[..300])],
    });

    public static StepFailedException Fenced(KongDatabase target, IReadOnlyList<string> left) => new(new Failure
    {
        Code = FailureCodes.RestoreFailed,
        Message = $"The copy in {target} carries objects of the write fence; migrations would fail on it.",
        Remedy = "This is a defect of the product: report it with restore.list of the backup. Nothing was left.",
        Details = left,
    });

    public static StepFailedException Differs(KongDatabase target, IReadOnlyList<string> differences) => new(new Failure
    {
        Code = FailureCodes.FingerprintMismatch,
        Message = $"The copy in {target} is not what was dumped.",
        Remedy = "Check the disks of this host and of the server; then try again, or use another backup. Nothing was left.",
        Details = differences,
    });
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Failures of taking a backup.</summary>
internal static class BackupFailures
{
    private const int KeptLines = 5;

    public static StepFailedException DiskSpaceLow(string directory, long free, long needed, Exception? inner = null) => new(
        new Failure
        {
            Code = FailureCodes.DiskSpaceLow,
            Message = $"{directory} has {Mebibytes(free)} MiB free; the backup needs about {Mebibytes(needed)} MiB.",
            Remedy = "Free space there, or point spec.backup.directory to a larger disk; then: kum retry. Nothing incomplete was kept.",
        },
        inner);

    public static StepFailedException DirectoryUnusable(string directory, Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BackupFailed,
            Message = $"The backup directory {directory} cannot be written.",
            Remedy = "Make it writable for the agent's user; then: kum retry.",
        },
        inner);

    public static StepFailedException DumpFailed(ProgramResult result) => new(new Failure
    {
        Code = FailureCodes.BackupFailed,
        Message = $"pg_dump ended with exit code {result.ExitCode}.",
        Remedy = "The last lines of its output are in the details; see that the admin role may read every table; then: kum retry. Cluster X was only read.",
        IsTransient = true,
        Details = LastLines(result.Error),
    });

    public static StepFailedException ListFailed(ProgramResult result) => new(new Failure
    {
        Code = FailureCodes.BackupFailed,
        Message = $"pg_restore cannot read the dump that was just written (exit code {result.ExitCode}).",
        Remedy = "Check the disk of the backup host; then: kum retry.",
        Details = LastLines(result.Error),
    });

    public static StepFailedException ConfMissing(string path, Exception? inner) => new(
        new Failure
        {
            Code = FailureCodes.BackupFailed,
            Message = $"Cluster X's configuration file {path} cannot be copied.",
            Remedy = "Correct spec.from.deployment.conf, or make the file readable for the agent's user; then: kum retry.",
        },
        inner);

    public static StepFailedException ScratchServerTooOld(string scratch, int major, int dumped) => new(new Failure
    {
        Code = FailureCodes.DatabaseVersionTooOld,
        Message = $"{scratch} is PostgreSQL {major}, but cluster X's server is {dumped}: its dump cannot be restored there.",
        Remedy = $"Give cluster Y a server of PostgreSQL {dumped} or newer; then: kum retry.",
    });

    public static StepFailedException RestoreFailed(string database, ProgramResult result) => new(new Failure
    {
        Code = FailureCodes.RestoreFailed,
        Message = $"The restore test in {database} failed: pg_restore ended with exit code {result.ExitCode}.",
        Remedy = "The last lines of its output are in the details (a missing extension, a missing right, a full disk); then: kum retry.",
        Details = LastLines(result.Error),
    });

    public static StepFailedException FenceRestored(string database) => new(new Failure
    {
        Code = FailureCodes.RestoreFailed,
        Message = $"The restored copy in {database} carries objects of the write fence.",
        Remedy = "This is a defect of the product: report it with restore.list of the backup.",
    });

    public static StepFailedException Mismatch(string database, IReadOnlyList<string> tables) => new(new Failure
    {
        Code = FailureCodes.FingerprintMismatch,
        Message = $"The copy restored into {database} is not what was dumped: {tables.Count} tables differ.",
        Remedy = "Check the disks of the backup host and of the server, and the server's versions; then: kum retry.",
        Details = tables,
    });

    private static long Mebibytes(long bytes) => bytes / (1024 * 1024);

    private static string[] LastLines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(KeptLines).Select(static l => l.Length <= 300 ? l : l[..300])];
}

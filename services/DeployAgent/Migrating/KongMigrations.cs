using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Executables;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.DeployAgent.Migrating;

/// <summary>Runs <c>kong migrations</c> of cluster Y in a private prefix that is removed afterwards. There is no way to give it cluster X.</summary>
internal sealed class KongMigrations : IDisposable
{
    private readonly KongExecutable _executable;
    private readonly NodeEnvironment _environment;
    private readonly string _prefix;

    private KongMigrations(KongExecutable executable, NodeEnvironment environment, string prefix)
    {
        _executable = executable;
        _environment = environment;
        _prefix = prefix;
    }

    public static async Task<KongMigrations> PrepareAsync(UpgradeSpec spec, IProgramRunner programs, string workDirectory, CancellationToken cancellationToken)
    {
        var prefix = Path.Combine(workDirectory, "kum-migrations-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(prefix);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(prefix, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // The node's plugins setting decides which subsystems are migrated, so it is the first node's environment that counts.
        var environment = await NodeEnvironment.ComposeAsync(spec.To, spec.To.Nodes[0], prefix, cancellationToken);
        return new(new KongExecutable(programs, spec.To.Deployment), environment, prefix);
    }

    public async Task<(MigrationState State, ProgramResult Result)> ListAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync("list", TimeSpan.FromMinutes(2), cancellationToken);
        var state = (MigrationState)result.ExitCode;
        return (Enum.IsDefined(state) ? state : MigrationState.Unknown, result);
    }

    public Task<ProgramResult> UpAsync(TimeSpan timeout, CancellationToken cancellationToken) => RunAsync("up", timeout, cancellationToken);

    public Task<ProgramResult> FinishAsync(TimeSpan timeout, CancellationToken cancellationToken) => RunAsync("finish", timeout, cancellationToken);

    public IReadOnlyList<string> Tail(ProgramResult result) => ProgramTail.Of(result, _environment.Secrets);

    public void Dispose()
    {
        if (Directory.Exists(_prefix))
        {
            Directory.Delete(_prefix, recursive: true);
        }
    }

    private Task<ProgramResult> RunAsync(string action, TimeSpan timeout, CancellationToken cancellationToken) =>
        _executable.RunAsync(_executable.WithConf("migrations", action), _environment.Variables, timeout, cancellationToken);
}

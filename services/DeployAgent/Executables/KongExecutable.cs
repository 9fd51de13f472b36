using System.Collections;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Executables;

/// <summary>Runs the <c>kong</c> executable of one cluster. Commands that alter a schema are not here but in <see cref="Migrating.KongMigrations"/>, which only ever gets cluster Y.</summary>
internal sealed class KongExecutable(IProgramRunner programs, DeploymentSpec deployment)
{
    private const string VariablePrefix = "KONG_";
    private static readonly TimeSpan ShortCall = TimeSpan.FromSeconds(30);

    public string Path => deployment.Executable;

    /// <summary>What <c>kong version</c> prints; null when it prints none.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ToolMissing"/> or <see cref="FailureCodes.StepTimedOut"/>.</exception>
    public async Task<KongVersion?> VersionAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(["version"], new Dictionary<string, string>(), ShortCall, cancellationToken);
        return result.Succeeded && KongVersion.TryFind(result.Output, out var version) ? version : null;
    }

    /// <summary>Runs one command. The agent's own <c>KONG_*</c> variables never reach it: they could lead it to another database.</summary>
    public Task<ProgramResult> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken) =>
        programs.RunAsync(
            new ProgramCall { File = deployment.Executable, Arguments = arguments, Environment = Isolated(environment), Timeout = timeout },
            cancellationToken);

    /// <summary>Arguments followed by the cluster's kong.conf, where it has one.</summary>
    public IReadOnlyList<string> WithConf(params string[] arguments) =>
        deployment.Conf is { } conf ? [.. arguments, "-c", conf] : arguments;

    /// <summary>Arguments that start the node with this prefix.</summary>
    public IReadOnlyList<string> StartOf(string prefix) =>
        deployment.NginxTemplate is { } template ? WithConf("start", "-p", prefix, "--nginx-conf", template) : WithConf("start", "-p", prefix);

    private static Dictionary<string, string?> Isolated(IReadOnlyDictionary<string, string> environment)
    {
        var isolated = environment.ToDictionary(static v => v.Key, static v => (string?)v.Value, StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith(VariablePrefix, StringComparison.Ordinal))
            {
                isolated.TryAdd(name, null);
            }
        }

        return isolated;
    }
}

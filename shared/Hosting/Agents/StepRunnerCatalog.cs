namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>The runners of this process, by the commands they take; several agents may share a process.</summary>
internal sealed class StepRunnerCatalog(IEnumerable<StepRunner> runners)
{
    private readonly StepRunner[] _runners = [.. runners];

    public IReadOnlyCollection<StepRunner> All => _runners;

    public StepRunner For(Type command) => _runners.First(r => r.Handles(command));
}

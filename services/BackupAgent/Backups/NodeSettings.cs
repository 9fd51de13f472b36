using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Configuration;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>The settings of one node of cluster X and the variables they partly come from. Never logged.</summary>
internal sealed record NodeSettings(KongConfiguration Configuration, IReadOnlyDictionary<string, string> Variables)
{
    public static async Task<NodeSettings> ReadAsync(DeploymentSpec deployment, NodeSpec node, CancellationToken cancellationToken) => new(
        await KongConfigurationReader.ReadAsync(deployment, node, ResolveOrEmpty, cancellationToken),
        KongConfigurationReader.Variables(deployment, node, static s => s));

    // A secret that only Kong's own host can resolve is none of the settings that are looked for here.
    private static string ResolveOrEmpty(string reference)
    {
        try
        {
            return SecretReference.Resolve(reference);
        }
        catch (StepFailedException)
        {
            return "";
        }
    }
}

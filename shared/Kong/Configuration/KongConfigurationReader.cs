using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Configuration;

/// <summary>Reads the configuration of a node from what the spec names: kong.conf and variables.</summary>
public static class KongConfigurationReader
{
    /// <summary>Settings of one node; the node's variables win over the deployment's, which win over the file.</summary>
    /// <param name="deployment">File and variables of the cluster.</param>
    /// <param name="node">The node; null reads what all nodes share.</param>
    /// <param name="resolve">Turns references (<c>env:NAME</c>, <c>file:/path</c>) into values.</param>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SpecInvalid"/> when kong.conf cannot be read.</exception>
    public static async Task<KongConfiguration> ReadAsync(
        DeploymentSpec deployment, NodeSpec? node, Func<string, string> resolve, CancellationToken cancellationToken)
    {
        var conf = deployment.Conf is { } path ? await ReadFileAsync(path, cancellationToken) : null;
        return KongConfiguration.Merge(conf, Variables(deployment, node, resolve));
    }

    /// <summary>Variables of one node with all references resolved; never to be logged.</summary>
    /// <param name="deployment">Variables of the cluster.</param>
    /// <param name="node">The node, whose variables win; null for none.</param>
    /// <param name="resolve">Turns references into values.</param>
    public static Dictionary<string, string> Variables(DeploymentSpec deployment, NodeSpec? node, Func<string, string> resolve)
    {
        var variables = deployment.Environment.ToDictionary(static v => v.Key, v => resolve(v.Value), StringComparer.Ordinal);
        foreach (var (name, value) in node?.Environment ?? new Dictionary<string, string>())
        {
            variables[name] = resolve(value);
        }

        return variables;
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException(
                new Failure
                {
                    Code = FailureCodes.SpecInvalid,
                    Message = $"{path} cannot be read on {Environment.MachineName}.",
                    Remedy = "Correct deployment.conf in the spec, or make the file readable for the agent's user.",
                },
                exception);
        }
    }
}

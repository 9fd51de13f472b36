using System.Net;
using System.Net.Sockets;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Configuration;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>The variables with which Kong's executable of cluster Y is called: the spec's, and over them those that decide which database and which directory it uses.</summary>
/// <param name="Variables">For the program's environment; never to be logged.</param>
/// <param name="Secrets">Values to be blackened in whatever the program prints.</param>
internal sealed record NodeEnvironment(IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> Secrets)
{
    /// <summary>Composes the variables of one node.</summary>
    /// <param name="cluster">Cluster Y.</param>
    /// <param name="node">One of its nodes.</param>
    /// <param name="prefix">The node's prefix, or a temporary one for migrations.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">A reference, kong.conf or a host name cannot be resolved; or a read replica is configured.</exception>
    public static async Task<NodeEnvironment> ComposeAsync(ClusterSpec cluster, NodeSpec node, string prefix, CancellationToken cancellationToken)
    {
        var given = await KongConfigurationReader.ReadAsync(cluster.Deployment, node, SecretReference.Resolve, cancellationToken);
        RefuseReplica(given);
        var variables = KongConfigurationReader.Variables(cluster.Deployment, node, SecretReference.Resolve);
        var database = cluster.Database;
        variables["KONG_DATABASE"] = "postgres";
        variables["KONG_PG_HOST"] = database.Host;
        variables["KONG_PG_PORT"] = database.Port.ToString();
        variables["KONG_PG_USER"] = database.User;
        variables["KONG_PG_DATABASE"] = database.Name;
        variables["KONG_PG_SCHEMA"] = database.Schema;
        variables["KONG_PREFIX"] = prefix;
        if (database.Password is { } password)
        {
            variables["KONG_PG_PASSWORD"] = SecretReference.Resolve(password);
        }

        await AddListenAsync("proxy_listen", node.Proxy);
        await AddListenAsync("admin_listen", node.Admin);
        if (node.Status is { } status)
        {
            await AddListenAsync("status_listen", status);
        }

        return new(variables, [.. SecretsOf(cluster, node, variables)]);

        async Task AddListenAsync(string key, Uri address)
        {
            if (given[key] is null)
            {
                variables["KONG_" + key.ToUpperInvariant()] = await ListenAsync(address, cancellationToken);
            }
        }
    }

    private static void RefuseReplica(KongConfiguration given)
    {
        if (given["pg_ro_host"] is not null)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.ModeNotSupported,
                Message = "Cluster Y is configured with a read replica (pg_ro_host); the product cannot prove that it is not cluster X's.",
                Remedy = "Take pg_ro_host out of cluster Y's configuration and add it again after the upgrade.",
            });
        }
    }

    // A name is resolved to one address: listening on all of them could open the Admin API to the world.
    private static async Task<string> ListenAsync(Uri address, CancellationToken cancellationToken)
    {
        var tls = address.Scheme == Uri.UriSchemeHttps ? " ssl" : "";
        if (IPAddress.TryParse(address.DnsSafeHost, out var literal))
        {
            return $"{Bracketed(literal)}:{address.Port}{tls}";
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(address.DnsSafeHost, cancellationToken);
            return $"{Bracketed(found.OrderBy(static a => a.AddressFamily).First())}:{address.Port}{tls}";
        }
        catch (SocketException exception)
        {
            throw new StepFailedException(
                new Failure
                {
                    Code = FailureCodes.SpecInvalid,
                    Message = $"The host of {address} cannot be resolved on {Environment.MachineName}.",
                    Remedy = "Use an address of this host in the node's URLs, or set the listen address explicitly in the node's environment.",
                },
                exception);
        }
    }

    private static string Bracketed(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private static IEnumerable<string> SecretsOf(ClusterSpec cluster, NodeSpec node, Dictionary<string, string> variables)
    {
        var referenced = cluster.Deployment.Environment.Concat(node.Environment).Where(static v => SecretReference.IsReference(v.Value)).Select(static v => v.Key);
        return referenced.Append("KONG_PG_PASSWORD").Where(variables.ContainsKey).Select(name => variables[name]);
    }
}

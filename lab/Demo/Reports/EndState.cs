using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Demo.Freeze;
using Npgsql;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>Looks at what an upgrade left behind, past the mesh.</summary>
public static class EndState
{
    private const string TriggerCount = "SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'kum_fence' AND t.tgenabled <> 'D'";

    /// <summary>Verifies the end of an upgrade that should have moved everything to <paramref name="serving"/>.</summary>
    public static async Task<IReadOnlyList<CheckResult>> VerifyAsync(DemoEnvironment environment, ClusterSide serving, CancellationToken cancellationToken)
    {
        var (from, to) = (environment.Spec.From, environment.Spec.To);
        var cluster = serving == ClusterSide.Y ? to : from;
        var checks = new List<CheckResult>
        {
            await BalancerAsync(environment, serving == ClusterSide.Y ? 10_000 : 0, cancellationToken),
            await VersionAsync(serving, cluster, cancellationToken),
            await NoFenceAsync(ClusterSide.X, from.Database, cancellationToken),
            await NoFenceAsync(ClusterSide.Y, to.Database, cancellationToken),
        };
        if (serving == ClusterSide.Y)
        {
            checks.Add(new CheckResult("Cluster X's node has ended", environment.NodeX.ProcessId is null, environment.NodeX.ProcessId is { } id ? $"process {id} runs" : "no process"));
        }

        return checks;
    }

    // The map is HAProxy's own word for where clients go; the file is what a restart of it would bring.
    private static async Task<CheckResult> BalancerAsync(DemoEnvironment environment, int expected, CancellationToken cancellationToken)
    {
        var line = (await File.ReadAllLinesAsync(environment.Balancer.Map, cancellationToken)).FirstOrDefault(static l => l.StartsWith("y ", StringComparison.Ordinal));
        return new CheckResult($"The balancer keeps {expected / 100} % on Y over a restart", line == $"y {expected}", line ?? "no line for y");
    }

    private static async Task<CheckResult> VersionAsync(ClusterSide side, ClusterSpec cluster, CancellationToken cancellationToken)
    {
        var name = $"Every node of cluster {side} says that it is {cluster.Version}";
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        foreach (var node in cluster.Nodes)
        {
            try
            {
                var root = JsonNode.Parse(await http.GetStringAsync(node.Admin, cancellationToken));
                if (root?["version"]?.GetValue<string>() is var version && version != cluster.Version)
                {
                    return new CheckResult(name, false, $"{node.Name} is {version}");
                }
            }
            catch (HttpRequestException exception)
            {
                return new CheckResult(name, false, $"{node.Name} does not answer ({exception.HttpRequestError})");
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new CheckResult(name, false, $"{node.Name} does not answer");
            }
        }

        return new CheckResult(name, true, $"{cluster.Nodes.Count} of {cluster.Nodes.Count}");
    }

    private static async Task<CheckResult> NoFenceAsync(ClusterSide side, DatabaseSpec database, CancellationToken cancellationToken)
    {
        // A cluster whose database was never made, or is gone, has no fence.
        var name = $"The fence of cluster {side} is lifted";
        try
        {
            var triggers = await LabDatabase.CountAsync(database, TriggerCount, cancellationToken);
            return new CheckResult(name, triggers == 0, $"{triggers} fence triggers in {database.Name}");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return new CheckResult(name, true, $"there is no {database.Name}");
        }
        catch (NpgsqlException exception)
        {
            return new CheckResult(name, false, $"{database.Name} does not answer ({exception.GetType().Name})");
        }
    }
}

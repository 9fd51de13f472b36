using KongUpgradeMesh.Contracts.Deployment;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

public sealed class WriterDiscoveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Preflight_names_who_writes_cluster_X_and_changes_nothing_there()
    {
        await using var clusters = await TwoClusters.StartAsync(Token);
        await clusters.PostAsync("/services", new { name = "synced", url = "http://127.0.0.1:9", tags = new[] { "managed-by-deck" } }, Token);
        await using var prompt = new NpgsqlConnection(clusters.Postgres.ConnectionString("kong_x") + ";Pooling=false;Application Name=psql");
        await prompt.OpenAsync(Token);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writing = WriteAsync(clusters, enough.Token);

        var passed = Assert.IsType<PreflightPassed>(await clusters.RunAsync(clusters.Preflight, Token));
        await enough.CancelAsync();
        await writing;

        Assert.Equal([WriterKind.AdminApi, WriterKind.Deck, WriterKind.DirectSql], passed.Writers.Select(static w => w.Kind));
        Assert.Contains(passed.Writers[0].Evidence, static e => e.Contains("rows of consumers were written", StringComparison.Ordinal));
        Assert.Contains(passed.Writers[0].Evidence, static e => e.StartsWith("The newest change, in table ", StringComparison.Ordinal));
        Assert.Equal(["Entities with the tag managed-by-deck: 1."], passed.Writers[1].Evidence);
        Assert.Contains("application psql", Assert.Single(passed.Writers[2].Evidence), StringComparison.Ordinal);
        Assert.Equal("AdminApi, Deck, DirectSql", passed.Facts["writers of X's configuration"]);
        Assert.Equal("managed-by-deck (1)", passed.Facts["tags of X's configuration"]);
        Assert.Equal(0L, await clusters.AskAsync<long>("kong_x", "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kum%'", Token));
    }

    private static async Task WriteAsync(TwoClusters clusters, CancellationToken cancellationToken)
    {
        try
        {
            for (var number = 0; ; number++)
            {
                await clusters.PostAsync("/consumers", new { username = $"burst-{number}" }, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}

using System.Net;
using System.Net.Sockets;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.StandInKubernetes.Access;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

/// <summary>What an API server can say no with, and what the operator is told to do.</summary>
public sealed class KubernetesFailureTests
{
    private static readonly TrafficRecord Record = new() { UpgradeId = Guid.NewGuid(), Epoch = 1, Step = 1, Split = new TrafficSplit { WeightY = 10 } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_right_is_named_as_the_rule_to_grant()
    {
        await using var bench = await KubernetesBench.StartAsync("istio", rule: KubernetesDocument.Grant("istio") with { Verbs = ["get"] });
        var driver = bench.Driver();

        var problem = Assert.Single(await driver.CheckAsync(Wishes(bench), Token));
        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => driver.ApplyAsync(Record, false, Token));

        Assert.Contains("""in namespace shop grant apiGroups: ["networking.istio.io"], resources: ["virtualservices"], verbs: ["patch"], resourceNames: ["kong"]""", problem, StringComparison.Ordinal);
        Assert.Equal(problem, failure.Message);
        Assert.StartsWith("kubectl create role kum-traffic -n shop --verb=get,patch --resource=virtualservices.networking.istio.io --resource-name=kong", failure.Remedy, StringComparison.Ordinal);
        Assert.Contains("cannot patch resource \"virtualservices\"", Assert.Single(failure.Details), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_documented_role_is_enough_and_grants_nothing_else()
    {
        await using var bench = await KubernetesBench.StartAsync("httproute");
        using var agent = bench.Server.CreateClient((await File.ReadAllTextAsync(bench.TokenFile, Token)).Trim());

        Assert.Equal(HttpStatusCode.OK, (await agent.GetAsync(bench.Path, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await agent.GetAsync(bench.Collection, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await agent.DeleteAsync(bench.Path, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await agent.GetAsync(bench.Path + "2", Token)).StatusCode);
    }

    [Fact]
    public async Task A_token_is_read_again_for_each_request()
    {
        await using var bench = await KubernetesBench.StartAsync("istio");
        var (driver, token) = (bench.Driver(), await File.ReadAllTextAsync(bench.TokenFile, Token));
        await driver.ReadAsync(Token);

        await File.WriteAllTextAsync(bench.TokenFile, "expired", Token);
        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => driver.ReadAsync(Token));
        await File.WriteAllTextAsync(bench.TokenFile, token, Token);
        await driver.ReadAsync(Token);

        Assert.Contains("does not accept the token", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("expired\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_told_from_what_is_not_served()
    {
        // The right to read whatever has these names, so that the server gets as far as looking for it.
        await using var bench = await KubernetesBench.StartAsync("istio", rule: AccessRule.Everything);

        var absent = await FailsAsync(FailureCodes.BalancerRefused, () => bench.Driver(("name", "gone")).ReadAsync(Token));
        var unserved = await FailsAsync(FailureCodes.BalancerRefused, () => bench.Driver(("version", "v1beta1")).ReadAsync(Token));

        Assert.Equal("There is no virtualservices.networking.istio.io \"gone\" in namespace shop.", absent.Message);
        Assert.Equal("The API server does not serve virtualservices of networking.istio.io/v1beta1.", unserved.Message);
    }

    [Fact]
    public async Task Another_authority_than_the_servers_is_refused()
    {
        await using var bench = await KubernetesBench.StartAsync("istio");
        await using var other = await KubernetesBench.StartAsync("istio");

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => bench.Driver(("caFile", other.Settings["caFile"])).ReadAsync(Token));

        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_cannot_be_read_is_named_by_its_file()
    {
        await using var bench = await KubernetesBench.StartAsync("istio");

        var failure = await FailsAsync(FailureCodes.SecretNotFound, () => bench.Driver(("tokenFile", "/not/there")).ReadAsync(Token));

        Assert.Contains("/not/there", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_within_the_bound()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var bench = await KubernetesBench.StartAsync("istio");
        var driver = bench.Driver(("server", $"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"), ("timeout", "200ms"));

        var failure = await FailsAsync(FailureCodes.BalancerUnreachable, () => driver.ReadAsync(Token));

        Assert.True(failure.IsTransient);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
    public async Task Garbage_is_never_taken_for_success(string garbage)
    {
        using var liar = new Liar(garbage);
        await using var bench = await KubernetesBench.StartAsync("istio");
        var driver = bench.Driver(("server", $"http://{liar.Address}"));
        string[] typed = [FailureCodes.BalancerRefused, FailureCodes.BalancerUnreachable];

        foreach (var attempt in new Func<Task>[]
        {
            () => driver.ReadAsync(Token),
            () => driver.ApplyAsync(Record, false, Token),
            () => driver.RestoreAsync(Record with { Step = 0, Split = TrafficSplit.AllOnX }, Token),
            () => driver.VerifyAsync(Record, Token),
            () => driver.CheckAsync(Wishes(bench), Token),
        })
        {
            Assert.Contains((await Assert.ThrowsAsync<StepFailedException>(attempt)).Failure.Code, typed);
        }
    }

    [Theory]
    [InlineData("server", "http://10.0.0.1:8001")]
    [InlineData("preset", "nginx")]
    [InlineData("rules", "first")]
    [InlineData("namespace", "../kube-system")]
    [InlineData("name", "a/b")]
    [InlineData("backendY", "kong-x")]
    [InlineData("caFile", "/not/there")]
    [InlineData("lag", "an hour")]
    public async Task A_wrong_setting_is_named(string key, string value)
    {
        await using var bench = await KubernetesBench.StartAsync("istio");

        var exception = Assert.Throws<StepFailedException>(() => bench.Driver((key, value)));

        Assert.StartsWith($"traffic.settings.{key} ", Assert.Single(exception.Failure.Details), StringComparison.Ordinal);
    }

    private static TrafficSpec Wishes(KubernetesBench bench) => new() { Driver = "kubernetes", Settings = bench.Settings };

    private static async Task<Failure> FailsAsync(string code, Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(action);
        Assert.Equal(code, exception.Failure.Code);
        return exception.Failure;
    }
}

using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>What the configuration in docs/traffic/nginx.md promises beside the split, in both modes.</summary>
public sealed class NginxConfigurationTests : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
    private readonly Guid _upgrade = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Internal_users_opt_in_as_soon_as_a_split_is_on_and_are_back_on_X_after_a_rollback(bool lua)
    {
        const string optIn = "kum_cluster=a-word-to-be-kept-secret";
        await using var x = await EchoBackend.StartAsync("x");
        await using var y = await EchoBackend.StartAsync("y");
        await using var nginx = await NginxTestBalancer.StartAsync(x, y, lua);
        var driver = nginx.Factory.Create(new DriverSettings(nginx.Settings));

        Assert.Equal("x x", await AskAsync(nginx, ("Cookie", optIn)));
        await driver.ApplyAsync(Record(1, 1, 1), false, Token);
        Assert.Equal("y y", await AskAsync(nginx, ("Cookie", optIn)));
        Assert.Equal("x x", await AskAsync(nginx, ("Cookie", "kum_cluster=a-guess"), ("apikey", await KeyOnXAsync(nginx))));
        await driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.Equal("x x", await AskAsync(nginx, ("Cookie", optIn)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_key_is_the_credential_or_else_the_session_or_else_the_address(bool lua)
    {
        await using var x = await EchoBackend.StartAsync("x");
        await using var y = await EchoBackend.StartAsync("y");
        await using var nginx = await NginxTestBalancer.StartAsync(x, y, lua);
        await nginx.Factory.Create(new DriverSettings(nginx.Settings)).ApplyAsync(Record(1, 1, 50), false, Token);
        var byAddress = await AskAsync(nginx);
        var sides = new HashSet<string>();
        for (var key = 0; key < 30; key++)
        {
            var side = await AskAsync(nginx, ("apikey", $"k{key}"));
            sides.Add(side);
            Assert.Equal(side, await AskAsync(nginx, ("apikey", $"k{key}"), ("Authorization", $"other{key}"), ("Cookie", $"session=other{key}")));
            Assert.Equal(side, await AskAsync(nginx, ("Authorization", $"k{key}"), ("Cookie", $"session=other{key}")));
            Assert.Equal(side, await AskAsync(nginx, ("Cookie", $"session=k{key}")));
            Assert.Equal(byAddress, await AskAsync(nginx, ("X-Something", $"k{key}")));
        }

        Assert.Equal(2, sides.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_Y_cannot_take_is_never_tried_on_X(bool lua)
    {
        await using var x = await EchoBackend.StartAsync("x");
        await using var y = await EchoBackend.StartAsync("y");
        await using var nginx = await NginxTestBalancer.StartAsync(x, y, lua);
        await nginx.Factory.Create(new DriverSettings(nginx.Settings)).ApplyAsync(Record(1, 1, 100), false, Token);
        await y.StopAsync();

        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{nginx.FrontendPort}/"), new StringContent("once"), Token);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
    }

    [Fact]
    public async Task Writes_need_the_token_where_nginx_asks_for_it()
    {
        var tokenFile = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(tokenFile, "s3cret\n", Token);
            await using var x = await EchoBackend.StartAsync("x");
            await using var y = await EchoBackend.StartAsync("y");
            await using var nginx = await NginxTestBalancer.StartAsync(
                x, y, lua: true, static document => document.Replace("# map \"\" $kum_token_file", "map \"\" $kum_token_file", StringComparison.Ordinal));
            File.Copy(tokenFile, Path.Combine(Path.GetDirectoryName(nginx.KeptFile)!, "token"));
            var without = nginx.Factory.Create(new DriverSettings(nginx.Settings));
            var with = nginx.Factory.Create(new DriverSettings(new Dictionary<string, string>(nginx.Settings) { ["token"] = $"file:{tokenFile}" }));
            var wishes = new TrafficSpec { Driver = "nginx", Settings = nginx.Settings };

            Assert.Contains(await without.CheckAsync(wishes, Token), static p => p.Contains("401", StringComparison.Ordinal));
            var refused = await Assert.ThrowsAsync<StepFailedException>(() => without.ApplyAsync(Record(1, 1, 10), false, Token));
            Assert.Equal(FailureCodes.BalancerRefused, refused.Failure.Code);
            Assert.Empty(await with.CheckAsync(wishes, Token));
            await with.ApplyAsync(Record(1, 1, 10), false, Token);
            Assert.True((await without.ReadAsync(Token)).Is(Record(1, 1, 10)));
        }
        finally
        {
            File.Delete(tokenFile);
        }
    }

    private TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = _upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    // The side that nginx names and the node that answered.
    private async Task<string> AskAsync(NginxTestBalancer nginx, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{nginx.FrontendPort}/");
        request.Headers.ConnectionClose = true; // A reload may close a kept connection.
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _http.SendAsync(request, Token);
        return $"{answer.Headers.GetValues("X-KUM-Side").Single()} {answer.Headers.GetValues("X-Node").Single()}";
    }

    private async Task<string> KeyOnXAsync(NginxTestBalancer nginx)
    {
        for (var key = 0; ; key++)
        {
            if (await AskAsync(nginx, ("apikey", $"k{key}")) == "x x")
            {
                return $"k{key}";
            }
        }
    }
}

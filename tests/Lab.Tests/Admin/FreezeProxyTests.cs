using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using KongUpgradeMesh.Cli;
using KongUpgradeMesh.Cli.Tests;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Admin;

/// <summary>What <c>kum freeze-proxy</c> prints, in a real nginx before the Admin API.</summary>
public sealed class FreezeProxyTests(LabFixture lab)
{
    private const string HostileEta = """about 18:00 $uri ${host} "quoted" 'single' \n } # ü""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_writes_with_423_and_the_reason_and_lets_reads_and_validation_through()
    {
        await using var kong = await RunningKong.BootstrapAsync(lab, "2.8.5");
        await kong.PostAsync("/services", new { name = "orders", url = "http://127.0.0.1:9" });
        var directory = Directory.CreateTempSubdirectory("kum-423-");
        var port = LoopbackPorts.Take();
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "nginx.conf"), await PrintAsync(kong.Cli.AdminPort, port), Token);
        await using var nginx = ServerProcess.Start(
            NginxServer.FindProgram(), ["-p", directory.FullName, "-c", Path.Combine(directory.FullName, "nginx.conf"), "-g", "daemon off;"]);
        await nginx.WaitUntilAsync("nginx", token => ServerProcess.AcceptsAsync(port, token), ServerProcess.StartLimit, Token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        foreach (var (method, path) in new[]
        {
            ("POST", "/services"), ("PUT", "/services/orders"), ("PATCH", "/services/orders"), ("DELETE", "/services/orders"), ("POST", "/default/services"),
            ("DELETE", "/schemas/services/validate"), ("POST", "/schemas/services/validate/../../../services"), ("POST", "/services/schemas/services/validate/more"),
        })
        {
            using var refused = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = JsonContent.Create(new { name = "late", url = "http://127.0.0.1:9" }) }, Token);
            Assert.Equal((method + path, HttpStatusCode.Locked), (method + path, refused.StatusCode));
            Assert.Equal("application/json", refused.Content.Headers.ContentType?.MediaType);
            Assert.Equal(TimeSpan.FromSeconds(90), refused.Headers.RetryAfter?.Delta);
            using var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Token));
            Assert.Equal("configuration-frozen", body.RootElement.GetProperty("reason").GetString());
            Assert.Equal("2.8.5 to 3.4.2", body.RootElement.GetProperty("upgrade").GetString());
            Assert.Equal(HostileEta, body.RootElement.GetProperty("eta").GetString());
        }

        Assert.Equal("orders", (await http.GetFromJsonAsync<JsonElement>("/services/orders", Token)).GetProperty("name").GetString());
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Options })
        {
            using var passed = await http.SendAsync(new HttpRequestMessage(method, "/services"), Token);
            Assert.True(passed.IsSuccessStatusCode, $"{method}: {passed.StatusCode}");
        }

        using var valid = await http.PostAsJsonAsync("/schemas/services/validate", new { name = "new", url = "http://127.0.0.1:9" }, Token);
        Assert.Equal(HttpStatusCode.OK, valid.StatusCode);
        using var invalid = await http.PostAsJsonAsync("/schemas/plugins/validate", new { name = "no-such-plugin" }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
        using var inWorkspace = await http.PostAsJsonAsync("/default/schemas/services/validate", new { name = "new" }, Token);
        Assert.NotEqual(HttpStatusCode.Locked, inWorkspace.StatusCode);
        Assert.Single((await kong.GetAdminAsync("/services"))["data"]!.AsArray());

        await nginx.StopAsync("TERM", TimeSpan.FromSeconds(5));
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("--listen", "somewhere")]
    [InlineData("--listen", "127.0.0.1")]
    [InlineData("--listen", "127.0.0.1:8001")] // where the spec's own node listens
    [InlineData("--retry-after", "0")]
    public async Task Refuses_an_address_or_a_delay_that_nginx_could_not_use(string option, string value)
    {
        var result = await Kum.RunAsync(new Uri("http://127.0.0.1:1"), ["freeze-proxy", "-f", "-", option, value], SpecText.For("shop"));
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
    }

    private static async Task<string> PrintAsync(int adminPort, int port)
    {
        var spec = SpecText.For("shop").Replace("http://127.0.0.1:8001", $"http://127.0.0.1:{adminPort}", StringComparison.Ordinal);
        var result = await Kum.RunAsync(
            new Uri("http://127.0.0.1:1"), ["freeze-proxy", "-f", "-", "--listen", $"127.0.0.1:{port}", "--eta", HostileEta, "--retry-after", "90"], spec);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}

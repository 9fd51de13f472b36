using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Webhook;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>What the webhook driver makes of what a service says; the conformance suite has the service that drives a real balancer.</summary>
public sealed class WebhookContractTests : IDisposable
{
    private const string AllOnX = """{"weights": {"x": 100, "y": 0}}""";

    private readonly WebhookTrafficDriverFactory _factory = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(503, FailureCodes.BalancerUnreachable)]
    [InlineData(502, FailureCodes.BalancerUnreachable)]
    [InlineData(409, FailureCodes.StepSuperseded)]
    [InlineData(400, FailureCodes.BalancerRefused)]
    [InlineData(500, FailureCodes.BalancerRefused)]
    [InlineData(302, FailureCodes.BalancerRefused)]
    public async Task The_status_of_a_PUT_decides(int status, string code)
    {
        await using var service = await AnsweringService.StartAsync(method => method == "GET" ? (200, AllOnX) : (status, "reason of the service"));
        var driver = DriverOf(service.Address);

        var failure = await FailsAsync(code, () => driver.ApplyAsync(Record(1, 1, 10), false, Token));

        Assert.Equal(code == FailureCodes.BalancerUnreachable, failure.IsTransient);
        if (code == FailureCodes.BalancerRefused)
        {
            Assert.Contains(failure.Details, static d => d.Contains("reason of the service", StringComparison.Ordinal));
            Assert.Contains(failure.Details, static d => d.Contains("0 % on Y", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("done")]
    [InlineData("")]
    [InlineData("[]")]
    public async Task An_answer_to_GET_that_breaks_the_contract_is_never_taken_for_a_split(string body)
    {
        await using var service = await AnsweringService.StartAsync(_ => (200, body));

        await FailsAsync(FailureCodes.BalancerRefused, () => DriverOf(service.Address).ReadAsync(Token));
    }

    [Fact]
    public async Task An_answer_without_end_is_cut()
    {
        await using var service = await AnsweringService.StartAsync(_ => (200, new string(' ', 1_000_000)));

        await FailsAsync(FailureCodes.BalancerRefused, () => DriverOf(service.Address).ReadAsync(Token));
    }

    [Fact]
    public async Task A_service_that_hangs_is_given_up_within_the_bound()
    {
        await using var service = await AnsweringService.StartAsync(_ => (0, ""));

        Assert.True((await FailsAsync(FailureCodes.BalancerUnreachable, () => DriverOf(service.Address, ("timeout", "500ms")).ReadAsync(Token))).IsTransient);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_unreachable_for_now()
    {
        Assert.True((await FailsAsync(FailureCodes.BalancerUnreachable, () => DriverOf(new Uri("http://127.0.0.1:1/")).ReadAsync(Token))).IsTransient);
    }

    [Fact]
    public async Task A_service_that_repeats_a_secret_header_does_not_spread_it()
    {
        await using var service = await AnsweringService.StartAsync(
            _ => (403, "no rights"), static request => request.Headers["X-Key"].ToString());
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "s3cr3t-of-the-balancer", Token);

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => DriverOf(service.Address, ("header.X-Key", "file:" + path)).ReadAsync(Token));

        File.Delete(path);
        Assert.Contains(failure.Details, static d => d.Contains("no rights ***", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_authorities_without_a_certificate_is_found_before_anybody_is_asked()
    {
        var path = Path.GetTempFileName();

        var failure = Assert.Throws<StepFailedException>(() => DriverOf(new Uri("https://127.0.0.1:1/"), ("caFile", path))).Failure;

        File.Delete(path);
        Assert.StartsWith("traffic.settings.caFile ", Assert.Single(failure.Details), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_in_the_spec_and_secrets_in_the_clear_are_refused()
    {
        var settings = new Dictionary<string, string>
        {
            ["url"] = "http://user:password@balancer.example/split",
            ["token"] = "the-token-itself",
            ["header.X-Key"] = "the-key-itself",
            ["sticky"] = "true",
            ["assignment"] = "request",
        };

        var failure = Assert.Throws<StepFailedException>(() => _factory.Create(new DriverSettings(settings))).Failure;

        Assert.Equal(4, failure.Details.Count);
        Assert.DoesNotContain(failure.Details, static d => d.Contains("itself", StringComparison.Ordinal) && d.Contains("the-", StringComparison.Ordinal));
    }

    public void Dispose() => _factory.Dispose();

    private static TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = Guid.Parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427"), Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    private static async Task<Failure> FailsAsync(string code, Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(action);
        Assert.Equal(code, exception.Failure.Code);
        return exception.Failure;
    }

    private ITrafficDriver DriverOf(Uri url, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string> { ["url"] = url.ToString(), ["sticky"] = "true", ["assignment"] = "request", ["timeout"] = "20s", ["settle"] = "100ms" };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return _factory.Create(new DriverSettings(settings));
    }
}

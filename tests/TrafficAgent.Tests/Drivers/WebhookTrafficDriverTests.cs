using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>The documented service, examples/traffic/webhook.py, over TLS before a real HAProxy.</summary>
public sealed class WebhookTrafficDriverTests : TrafficDriverConformance
{
    [Fact]
    public async Task A_wrong_token_and_an_unknown_authority_are_refusals()
    {
        var wrong = new Dictionary<string, string>(Balancer.Settings) { ["token"] = "env:PATH" };
        var stranger = new Dictionary<string, string>(Balancer.Settings);
        stranger.Remove("caFile");

        await FailsAsync(FailureCodes.BalancerRefused, () => Balancer.Factory.Create(new DriverSettings(wrong)).ReadAsync(Token));
        await FailsAsync(FailureCodes.BalancerRefused, () => Balancer.Factory.Create(new DriverSettings(stranger)).ReadAsync(Token));
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await ExternalTestBalancer.StartServiceAsync(x, y);
}

namespace KongUpgradeMesh.Lab.Tests.Running;

/// <summary>A small configuration with one service that asks for a key.</summary>
public static class Demonstration
{
    public static async Task<RunningKong> StartAsync(LabFixture lab, string version, EchoUpstream upstream)
    {
        var kong = await RunningKong.BootstrapAsync(lab, version);
        await kong.PostAsync("/services", new { name = "orders", url = $"http://127.0.0.1:{upstream.Port}/base" });
        await kong.PostAsync("/services/orders/routes", new { name = "orders", paths = new[] { "/orders" } });
        await kong.PostAsync("/consumers", new { username = "alice" });
        await kong.PostAsync("/consumers/alice/key-auth", new { key = "alice-key" });
        await kong.PostAsync("/services/orders/plugins", new { name = "key-auth" });
        return kong;
    }
}

using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

/// <summary>An HTTPRoute on the stand-in of the API server, with a real HAProxy behind it.</summary>
public sealed class KubernetesTestBalancer : ITestBalancer
{
    public const string BackendX = "kong-x";
    public const string BackendY = "kong-y";

    private KubernetesTestBalancer(KubernetesBench bench, TestGateway gateway) => (Bench, Gateway) = (bench, gateway);

    public KubernetesBench Bench { get; }

    public TestGateway Gateway { get; }

    public string Driver => "kubernetes";

    public IReadOnlyDictionary<string, string> Settings => Bench.Settings;

    public int FrontendPort => Gateway.FrontendPort;

    public ITrafficDriverFactory Factory => Bench.Factory;

    public string KeptFile => throw new NotSupportedException("the split is kept in etcd");

    public static async Task<KubernetesTestBalancer> StartAsync(EchoBackend x, EchoBackend y)
    {
        var bench = await KubernetesBench.StartAsync("httproute");
        var gateway = await TestGateway.StartAsync(bench, x, y);
        await Eventually.HoldsAsync("a gateway that serves the route", async () => (await bench.GetAsync())["status"] is not null);
        return new KubernetesTestBalancer(bench, gateway);
    }

    public Task KillAsync() => Bench.Server.KillAsync();

    public Task StartAgainAsync() => Bench.Server.StartAgainAsync();

    public Task ChangeByHandAsync(int weightY) => Bench.EditAsync(
        ("replace", "/spec/rules/0/backendRefs/0/weight", 100 - weightY), ("replace", "/spec/rules/0/backendRefs/1/weight", weightY));

    public async Task ReplaceByHandAsync(int weightY)
    {
        await ChangeByHandAsync(weightY);
        await Bench.EditAsync(("remove", "/metadata/annotations", null));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Bench.DisposeAsync();
    }
}

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>One server of the backend, as <c>show servers state</c> tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weight">The weight that is set, whether the server is up or not.</param>
/// <param name="Initial">The weight of the configuration.</param>
/// <param name="IsOut">Whether somebody has put it into maintenance or drains it; the weight then says nothing.</param>
internal sealed record WeightedServer(string Name, int Weight, int Initial, bool IsOut);

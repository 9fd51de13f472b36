namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class NginxThroughHandler : BalancerThroughHandler<NginxPair>;

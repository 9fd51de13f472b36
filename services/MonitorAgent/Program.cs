using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.MonitorAgent;

await using var app = MeshApplication.Build(args, [new MonitorAgentModule()]);
await app.RunAsync();

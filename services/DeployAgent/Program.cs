using KongUpgradeMesh.DeployAgent;
using KongUpgradeMesh.Hosting;

await using var app = MeshApplication.Build(args, [new DeployAgentModule()]);
await app.RunAsync();

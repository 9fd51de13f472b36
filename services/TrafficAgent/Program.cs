using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.TrafficAgent;

await MeshApplication.Build(args, [new TrafficAgentModule()]).RunAsync();

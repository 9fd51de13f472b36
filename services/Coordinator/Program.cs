using KongUpgradeMesh.Coordinator;
using KongUpgradeMesh.Hosting;

await MeshApplication.Build(args, [new CoordinatorModule()]).RunAsync();

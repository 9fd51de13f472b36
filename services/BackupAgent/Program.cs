using KongUpgradeMesh.BackupAgent;
using KongUpgradeMesh.Hosting;

await MeshApplication.Build(args, [new BackupAgentModule()]).RunAsync();

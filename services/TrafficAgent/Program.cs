using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.TrafficAgent;
using KongUpgradeMesh.TrafficAgent.BreakGlass;

if (BreakGlassCommand.IsMeant(args))
{
    return await BreakGlassCommand.RunAsync(args);
}

await MeshApplication.Build(args, [new TrafficAgentModule()]).RunAsync();
return 0;

using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.MonitorAgent;
using KongUpgradeMesh.MonitorAgent.Judging;

if (JudgeCommand.IsMeant(args))
{
    return await JudgeCommand.RunAsync(args);
}

await using var app = MeshApplication.Build(args, [new MonitorAgentModule()]);
await app.RunAsync();
return 0;

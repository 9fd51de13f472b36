using KongUpgradeMesh.Lab.Demo.Commands;

return await LabCommand.RunAsync(args);

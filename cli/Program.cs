using KongUpgradeMesh.Cli.Commands;

return await KumCommand.RunAsync(args);

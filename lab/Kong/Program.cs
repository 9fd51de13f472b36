using KongUpgradeMesh.Lab.StandInKong.Cli;

return await KongCommand.RunAsync(args, TimeProvider.System, CancellationToken.None);

using KongUpgradeMesh.Lab.Mesh;

return await MeshCommand.RunAsync(args);

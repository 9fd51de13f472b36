namespace KongUpgradeMesh.Lab.StandInKong.Node;

/// <summary>Leaves signals alone: the node gives them nginx's meanings itself.</summary>
internal sealed class NodeHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

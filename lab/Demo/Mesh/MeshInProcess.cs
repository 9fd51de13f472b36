using KongUpgradeMesh.BackupAgent;
using KongUpgradeMesh.Coordinator;
using KongUpgradeMesh.DeployAgent;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.MonitorAgent;
using KongUpgradeMesh.TrafficAgent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Lab.Demo.Mesh;

/// <summary>The whole mesh in this process: coordinator and all four agents of one datacenter on the in-memory bus.</summary>
public sealed class MeshInProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);
    private readonly WebApplication _application;

    private MeshInProcess(WebApplication application, Uri address)
    {
        _application = application;
        Address = address;
    }

    /// <summary>Where the REST API listens.</summary>
    public Uri Address { get; }

    /// <summary>Services of the process, for tests.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Starts the mesh on a free loopback port; its log goes to a file.</summary>
    /// <param name="connectionString">Of the mesh's own database, which may be empty.</param>
    /// <param name="datacenter">Where the agents say they stand.</param>
    /// <param name="stateDirectory">Where the agents keep their marks.</param>
    /// <param name="logFile">The log.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<MeshInProcess> StartAsync(string connectionString, string datacenter, string stateDirectory, string logFile, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}");
        string[] settings =
        [
            "--urls", address.GetLeftPart(UriPartial.Authority),
            "--Bus:Transport", "InMemory",
            "--Messaging:ConnectionString", connectionString,
            "--Agent:Datacenter", datacenter,
            "--Agent:Name", "demo",
            "--Agent:StateDirectory", stateDirectory,
        ];
        var log = new LogFile(logFile);
        var application = MeshApplication.Build(
            settings,
            [new CoordinatorModule(), new BackupAgentModule(), new DeployAgentModule(), new TrafficAgentModule(), new MonitorAgentModule()],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Logging.SetMinimumLevel(LogLevel.Information);
                builder.Logging.AddProvider(log);

                // Ctrl-C belongs to the demo: it must end the mesh only after the upgrade's traffic is safe.
                builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
            });
        var mesh = new MeshInProcess(application, address);
        try
        {
            await application.StartAsync(cancellationToken);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _application.StopAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

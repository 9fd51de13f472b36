using System.Net;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private Prometheus that scrapes nodes of both clusters.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private const string Program = "prometheus";
    private readonly string _directory;
    private readonly int _port;
    private ServerProcess? _process;

    private PrometheusServer(string directory, int port) => (_directory, _port) = (directory, port);

    /// <summary>Its address.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Writes its configuration into <paramref name="directory"/> and starts it.</summary>
    /// <param name="directory">An own directory.</param>
    /// <param name="interval">How often each node is scraped; whole seconds.</param>
    /// <param name="nodes">Status addresses, and the service that each is one of: a label as the Prometheus operator adds it, which hides Kong's own of that name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It is not ready within two minutes.</exception>
    public static async Task<PrometheusServer> StartAsync(string directory, TimeSpan interval, IReadOnlyCollection<(Uri Status, string Service)> nodes, CancellationToken cancellationToken = default)
    {
        var server = new PrometheusServer(Directory.CreateDirectory(directory).FullName, LoopbackPorts.Take());
        var targets = string.Concat(nodes.Select(static n => $$"""

                  - targets: ['{{n.Status.Host}}:{{n.Status.Port}}']
                    labels: { service: '{{n.Service}}', endpoint: status }
            """));
        await File.WriteAllTextAsync(server.Configuration, $"""
            global:
              scrape_interval: {interval.TotalSeconds:0}s
              scrape_timeout: {interval.TotalSeconds:0}s
            scrape_configs:
              - job_name: kong
                static_configs:{targets}

            """, cancellationToken);
        await server.StartProcessAsync(cancellationToken);
        return server;
    }

    /// <summary>Ends it at once and keeps its data.</summary>
    public Task KillAsync() => _process?.StopAsync("KILL", TimeSpan.FromSeconds(5)) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private string Configuration => Path.Combine(_directory, "prometheus.yml");

    private async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        _process = ServerProcess.Start(
            Program,
            [$"--config.file={Configuration}", $"--storage.tsdb.path={Path.Combine(_directory, "data")}", $"--web.listen-address=127.0.0.1:{_port}"],
            workingDirectory: _directory);
        await _process.WaitUntilAsync("readiness", async token => await IsReadyAsync(client, token), ServerProcess.StartLimit, cancellationToken);
    }

    private async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(Address, "-/ready"), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

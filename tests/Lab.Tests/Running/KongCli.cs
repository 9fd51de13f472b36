using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Tests.Running;

/// <summary>The <c>kong</c> command of one flavour with the settings of one node, called as an agent would call it.</summary>
public sealed class KongCli : IAsyncDisposable
{
    private readonly Dictionary<string, string> _environment;

    public KongCli(string version, int postgresPort, string database)
    {
        Version = version;
        var ports = LoopbackPorts.Take(3);
        (ProxyPort, AdminPort, StatusPort) = (ports[0], ports[1], ports[2]);
        Prefix = Path.Combine(Path.GetTempPath(), "kum-lab-" + Guid.NewGuid().ToString("N")[..8]);
        _environment = new Dictionary<string, string>
        {
            ["KONG_PREFIX"] = Prefix,
            ["KONG_PG_HOST"] = "127.0.0.1",
            ["KONG_PG_PORT"] = postgresPort.ToString(),
            ["KONG_PG_USER"] = PostgresServer.User,
            ["KONG_PG_DATABASE"] = database,
            ["KONG_PROXY_LISTEN"] = $"127.0.0.1:{ProxyPort}",
            ["KONG_ADMIN_LISTEN"] = $"127.0.0.1:{AdminPort}",
            ["KONG_STATUS_LISTEN"] = $"127.0.0.1:{StatusPort}",
            ["KUM_LAB_FAULTS"] = "",
        };
    }

    public string Version { get; }

    public string Database => _environment["KONG_PG_DATABASE"];

    public string Prefix { get; }

    public int ProxyPort { get; }

    public int AdminPort { get; }

    public int StatusPort { get; }

    public Task<CommandResult> RunAsync(params string[] arguments) =>
        CommandResult.RunAsync(Path.Combine(RepositoryRoot(), "lab", "bin", "kong-" + Version), arguments, _environment);

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<string> MustAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"kong {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}{result.Output}");
        return result.Output;
    }

    public KongCli With(string key, string value)
    {
        _environment[key] = value;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Prefix))
        {
            var node = NodeId();
            await RunAsync("stop");

            // Until it has ended it still writes into its prefix.
            for (var i = 0; i < 3000 && IsRunning(node); i++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            Directory.Delete(Prefix, recursive: true);
        }
    }

    private string? NodeId() => Path.Combine(Prefix, "pids", "nginx.pid") is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : null;

    private static bool IsRunning(string? id)
    {
        try
        {
            return id is not null && File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "KongUpgradeMesh.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        }

        return directory.FullName;
    }
}

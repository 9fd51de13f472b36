using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>One of the product's services as a process that is started again when it ends by itself.</summary>
internal sealed class MeshService(string name, string assembly, int port, Dictionary<string, string?> environment) : IAsyncDisposable
{
    // Longer than the services' own limit for an orderly end.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private StreamWriter? _log;
    private ServerProcess? _process;
    private int _failures;
    private long _endedAt;

    public string Name { get; } = name;

    public int Port { get; } = port;

    public Uri Health { get; } = new($"http://127.0.0.1:{port}/health/ready");

    public bool HasEnded => _process is { HasExited: true };

    public string Output => _process?.Output ?? "";

    public MeshProcess Describe(MeshFiles files) =>
        new(Name, ProcessIdentity.Of(_process?.Id ?? 0) ?? new ProcessIdentity(0, 0), Port, Health.ToString(), files.Log(Name));

    public async Task StartAsync(MeshFiles files, CancellationToken cancellationToken)
    {
        if (!File.Exists(assembly))
        {
            throw new MeshException($"{assembly} is not built: ./kum build");
        }

        if (await ServerProcess.AcceptsAsync(Port, cancellationToken))
        {
            throw new MeshException($"Port {Port} for {Name} is taken by another process: end it, or choose other ports with --port.");
        }

        _log ??= new StreamWriter(files.Log(Name), append: true) { AutoFlush = true };
        var log = TextWriter.Synchronized(_log);
        _process = ServerProcess.Start("dotnet", [assembly, "--urls", $"http://127.0.0.1:{Port}"], environment, files.Root, log.WriteLine);
    }

    /// <summary>Starts it again after a pause that doubles with every failure; says whether it did.</summary>
    public async Task<bool> ReviveAsync(MeshFiles files, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (_endedAt == 0)
        {
            _endedAt = clock.GetTimestamp();
            _failures++;
        }

        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, _failures - 1)));
        if (clock.GetElapsedTime(_endedAt) < pause || await ServerProcess.AcceptsAsync(Port, cancellationToken))
        {
            return false;
        }

        _endedAt = 0;
        await StartAsync(files, cancellationToken);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync("TERM", Grace);
        }

        if (_log is not null)
        {
            await _log.DisposeAsync();
        }
    }
}

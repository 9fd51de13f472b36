using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Mesh;

/// <summary>One service of the product as a process of its own, which a test can kill and start again.</summary>
public sealed class ServiceProcess(string name, string project, int port, IReadOnlyDictionary<string, string?> environment) : IAsyncDisposable
{
    private ServerProcess? _process;

    public string Name => name;

    public Uri Address { get; } = new($"http://127.0.0.1:{port}");

    /// <summary>The last lines of its log, for a failing test.</summary>
    public string Output => _process?.Output ?? "";

    public void Start() => _process = ServerProcess.Start("dotnet", [Assembly(project), "--urls", Address.ToString()], environment);

    /// <summary>Ends it without giving it a chance to do anything.</summary>
    public Task KillAsync() => _process!.StopAsync("KILL", TimeSpan.FromSeconds(5));

    public void Signal(string signal) => _process!.Signal(signal);

    public Task AwaitReadyAsync(HttpClient http) => Eventually.HoldsAsync(
        $"{name} ready",
        async () =>
        {
            if (_process!.HasExited)
            {
                throw new InvalidOperationException($"{name} ended with {_process.ExitCode}:\n{Output}");
            }

            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "/health/ready"));
                return answer.IsSuccessStatusCode;
            }
            // On a loaded machine a service may listen before it can answer within the client's bound: not ready, and no reason to give up.
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        },
        TimeSpan.FromSeconds(120));

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync("TERM", TimeSpan.FromSeconds(12));
        }
    }

    // Built beside the tests, in the same configuration.
    private static string Assembly(string project)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(Repository.Root, "artifacts", "bin", project, configuration, $"KongUpgradeMesh.{project}.dll");
    }
}

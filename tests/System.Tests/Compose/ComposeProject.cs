using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Compose;

/// <summary>The product's compose file as a project of this test alone: own name, own volumes, own port.</summary>
/// <remarks>How images are built is left to the environment (<c>KUM_BUILD_CONTEXT</c> and the others that the compose file names).</remarks>
public sealed class ComposeProject : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);
    private readonly ProgramRunner _programs = new(TimeProvider.System);
    private readonly string _name = $"kum-test-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly int _port = LoopbackPorts.Take();

    public const string NoEngine = "DOCKER_HOST does not name a container engine";

    public static bool HasEngine => Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 };

    public Uri Coordinator => new($"http://127.0.0.1:{_port}");

    /// <summary>Runs one command with every profile; returns what it wrote to standard output.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await TryAsync(cancellationToken, arguments);
        Assert.True(result.Succeeded, $"docker compose {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.Error}\n{result.Output}");
        return result.Output;
    }

    /// <summary>The last lines of one service, for a failing test.</summary>
    public async Task<string> LogAsync(string service) => (await TryAsync(CancellationToken.None, "logs", "--no-color", "--tail", "30", service)).Output;

    public async ValueTask DisposeAsync() => await TryAsync(CancellationToken.None, "down", "-v", "--timeout", "10");

    private Task<ProgramResult> TryAsync(CancellationToken cancellationToken, params string[] arguments) => _programs.RunAsync(
        new ProgramCall
        {
            File = "docker",
            Arguments = ["compose", "-f", Path.Combine(Repository.Root, "docker-compose.yml"), "-p", _name, "--profile", "lab", .. arguments],
            Environment = new Dictionary<string, string?> { ["KUM_PORT"] = _port.ToString() },
            WorkingDirectory = Repository.Root,
            Timeout = Limit,
        },
        cancellationToken);
}

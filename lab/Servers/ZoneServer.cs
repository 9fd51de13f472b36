using System.Net;
using System.Net.Sockets;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private DNS server on a loopback port, with its files in one directory; its kinds differ in program and configuration.</summary>
public abstract class ZoneServer(string directory, DnsLayout layout) : IAsyncDisposable
{
    private ServerProcess? _process;

    /// <summary>Where its files are.</summary>
    public string Files { get; } = directory;

    /// <summary>The zone.</summary>
    public DnsLayout Layout { get; } = layout;

    /// <summary>Where it listens, by UDP and TCP.</summary>
    public IPEndPoint EndPoint => Layout.EndPoint;

    /// <summary>Its configuration file.</summary>
    public abstract string ConfigurationFile { get; }

    /// <summary>What it said.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Starts it, again after a crash too: configuration and zone stay as they are.</summary>
    public async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        var (program, arguments) = Command();
        _process = ServerProcess.Start(program, arguments);
        await _process.WaitUntilAsync($"an answer from {EndPoint}", AnswersAsync, ServerProcess.StartLimit, cancellationToken);
    }

    /// <summary>Sends a signal to its process.</summary>
    public void Signal(string name) => _process?.Signal(name);

    /// <summary>Ends it at once, as a crash would.</summary>
    public Task KillAsync() => _process?.StopAsync("KILL", TimeSpan.FromSeconds(5)) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await KillAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The program and its arguments.</summary>
    protected abstract (string Program, IReadOnlyList<string> Arguments) Command();

    /// <summary>Path of an installed program.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    protected static string Find(string program, string package) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/local/sbin")
            .Select(d => Path.Combine(d, program))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{program} not found; on Debian: apt-get install {package}");

    /// <summary>Writes one of its files, unless it is there already.</summary>
    protected async Task WriteAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Files, name);
        if (!File.Exists(path))
        {
            await File.WriteAllTextAsync(path, content, cancellationToken);
        }
    }

    /// <summary>Whether it answers with the zone's SOA record.</summary>
    protected virtual async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            byte[] question = [1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. DnsLayout.Zone.Split('.').SelectMany(static l => new[] { (byte)l.Length }.Concat(System.Text.Encoding.ASCII.GetBytes(l))), 0, 0, 6, 0, 1];
            await socket.SendAsync(question, EndPoint, bound.Token);
            var answer = (await socket.ReceiveAsync(bound.Token)).Buffer;
            return answer.Length > 12 && (answer[3] & 15) == 0 && answer[7] == 1;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A server program started by us: its output is kept, it is ended by its process id, and never outlives this process.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, Process> Running = new();
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
        {
            Kill(process);
        }
    };

    private ServerProcess(Process process) => _process = process;

    /// <summary>How long a server may take to come up. One that cannot come up ends and is noticed at once; on a loaded machine any may take half a minute.</summary>
    public static TimeSpan StartLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The operating system's id of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Exit code of an ended process.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines it wrote to standard output and error.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts <paramref name="file"/>; the environment is inherited and <paramref name="environment"/> laid over it (null removes).</summary>
    public static ServerProcess Start(
        string file,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        Action<string>? onOutput = null)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "/",
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            info.Environment[key] = value;
        }

        var process = new Process { StartInfo = info };
        var server = new ServerProcess(process);
        void Keep(string? line)
        {
            if (line is null)
            {
                return;
            }

            server._output.Enqueue(line);
            while (server._output.Count > 400 && server._output.TryDequeue(out _))
            {
            }

            onOutput?.Invoke(line);
        }

        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.Start();
        Running[process.Id] = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        return server;
    }

    /// <summary>Waits until <paramref name="ready"/> says yes; fails with the output when the process ends first or the deadline passes.</summary>
    public async Task WaitUntilAsync(string what, Func<CancellationToken, Task<bool>> ready, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(deadline);
        try
        {
            while (!await ready(timeout.Token))
            {
                if (HasExited)
                {
                    throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with {ExitCode} while waiting for {what}:\n{Output}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName}: {what} not seen within {deadline}:\n{Output}");
        }
    }

    /// <summary>Whether something accepts TCP connections on the loopback port.</summary>
    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends a signal, for example <c>INT</c>, <c>TERM</c>, <c>STOP</c> or <c>KILL</c>.</summary>
    public void Signal(string name)
    {
        if (HasExited)
        {
            return;
        }

        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + name, Id.ToString()]) { RedirectStandardError = true });
        kill?.WaitForExit();
    }

    /// <summary>Sends a signal and waits for the end; kills after <paramref name="grace"/>.</summary>
    public async Task StopAsync(string signal, TimeSpan grace)
    {
        Signal(signal);
        using var timeout = new CancellationTokenSource(grace);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Kill(_process);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        Running.TryRemove(_process.Id, out _);
    }

    /// <summary>Waits for a process that ends by itself; kills it after <paramref name="grace"/>.</summary>
    public async Task WaitForExitAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(grace);
        await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!HasExited)
        {
            await StopAsync("KILL", grace);
        }

        Running.TryRemove(_process.Id, out _);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync("TERM", TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has already ended.
        }
    }
}

using System.Globalization;

namespace KongUpgradeMesh.Benchmarks;

/// <summary>Watches how far the memory of this process, and of a server's sessions, rises above where it began.</summary>
/// <remarks>Of a session only its own (anonymous) memory counts: the shared buffers belong to the server, whoever reads.</remarks>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private readonly int _postmaster;
    private readonly double _processBefore = AnonymousMegabytes(Environment.ProcessId);

    private MemoryWatch(int postmaster)
    {
        _postmaster = postmaster;
        _watching = WatchAsync(_end.Token);
    }

    /// <summary>Highest rise of this process in MB.</summary>
    public double ProcessRise { get; private set; }

    /// <summary>Highest sum of the server's sessions and their workers in MB.</summary>
    public double SessionsPeak { get; private set; }

    /// <summary>Begins to watch, after a full garbage collection.</summary>
    /// <param name="postmaster">The server's process id.</param>
    public static MemoryWatch Start(int postmaster)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return new MemoryWatch(postmaster);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            ProcessRise = Math.Max(ProcessRise, AnonymousMegabytes(Environment.ProcessId) - _processBefore);
            SessionsPeak = Math.Max(SessionsPeak, Children(_postmaster).Sum(AnonymousMegabytes));
        }
    }

    private static IEnumerable<int> Children(int parent)
    {
        var file = $"/proc/{parent}/task/{parent}/children";
        return File.Exists(file)
            ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static id => int.Parse(id, CultureInfo.InvariantCulture))
            : [];
    }

    private static double AnonymousMegabytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }
}

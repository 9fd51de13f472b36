using System.Diagnostics;
using System.Security.Cryptography;

namespace KongUpgradeMesh.TestKit;

/// <summary>Time as far as the machine gave it: what a bound on the product is measured by where others use the machine as well.</summary>
/// <remarks>
/// Beside what is measured a thread of its own goes round: it computes, writes a file through to the disk, and pauses. Each round counts as the time that it takes on a machine at rest, and never more.
/// While the machine stalls, or its processors or its disk are shared, the rounds take longer, and less time has passed here than on the clock; on an idle machine the two are the same.
/// </remarks>
public sealed class Pace : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly byte[] Block = new byte[256 * 1024];
    private static readonly Lock Gate = new();
    private static long _quickest = long.MaxValue;

    private readonly ManualResetEventSlim _end = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Thread _thread;
    private long _given;

    /// <summary>Begins to measure.</summary>
    public Pace()
    {
        _thread = new Thread(GoRound) { IsBackground = true, Name = nameof(Pace) };
        _thread.Start();
    }

    /// <summary>What has passed since the beginning at the pace of a machine at rest.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _given));

    /// <summary>What has passed on the clock.</summary>
    public TimeSpan OnTheClock => Stopwatch.GetElapsedTime(_start);

    /// <inheritdoc/>
    public override string ToString() => $"{Elapsed.TotalSeconds:0.0} s at the pace of a machine at rest, {OnTheClock.TotalSeconds:0.0} s on the clock";

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void GoRound()
    {
        using var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        // The first rounds pay for the code and the file, and tell what the work costs at its best.
        for (var round = 0; round < 10; round++)
        {
            Work(file);
        }

        for (var (before, over) = (_start, false); !over;)
        {
            var quickest = Work(file);
            over = _end.Wait(Pause);
            var now = Stopwatch.GetTimestamp();
            Interlocked.Add(ref _given, Math.Min(now - before, quickest + (long)(Pause.TotalSeconds * Stopwatch.Frequency)));
            before = now;
        }
    }

    private static long Work(FileStream file)
    {
        var started = Stopwatch.GetTimestamp();
        file.Position = 0;
        file.Write(SHA256.HashData(Block));
        file.Flush(flushToDisk: true);
        var took = Stopwatch.GetTimestamp() - started;
        lock (Gate)
        {
            return _quickest = Math.Min(_quickest, took);
        }
    }
}

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;

/// <summary>Counts what nginx writes into a log of the documented format, from the moment of the first reading on. nginx has no counters of its own by upstream.</summary>
/// <remarks>A log that is rotated is followed to its new file; lines that workers still write into the old one are read as well, until it is rotated again.</remarks>
internal sealed class NginxSource(string log, TimeProvider clock) : IBalancerSource
{
    // Half a million lines: a second of any nginx.
    private const long MostBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly long _begun = clock.GetTimestamp();
    private readonly NginxCounts _counts = new();
    private readonly RecentLines _recent = new();
    private LogTail? _current;
    private LogTail? _before;
    private Task<BalancerReading>? _reading;
    private bool _tried;

    public async Task<BalancerReading> ReadAsync(CancellationToken cancellationToken)
    {
        // A file system may hang, and then nothing ends the call: the next reading waits for the same one.
        if (_reading is null or { IsCompleted: true })
        {
            _reading = Task.Run(Read, CancellationToken.None);
        }

        try
        {
            return await _reading.WaitAsync(Longest, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Failed($"cannot be read within {Longest.TotalSeconds:0} s");
        }
    }

    // Who ends a watch does not wait for a file system that hangs: a reading that is under way is left its file until it ends.
    public void Dispose() => (_reading ?? Task.CompletedTask).ContinueWith(
        _ =>
        {
            _current?.Dispose();
            _before?.Dispose();
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private BalancerReading Read()
    {
        try
        {
            return Count();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Failed("does not exist; give nginx the access_log of docs/judging.md, and run the agent on nginx's host");
        }
        catch (UnauthorizedAccessException)
        {
            return Failed("may not be read by the agent's user, or is a directory");
        }
        catch (NotSupportedException)
        {
            return Failed("is no plain file but a pipe or a device; have nginx write a file");
        }
        catch (IOException exception)
        {
            return Failed($"cannot be read ({exception.GetType().Name})");
        }
    }

    private BalancerReading Count()
    {
        // One that appears later was begun later: all that it holds is new.
        var first = !_tried;
        _tried = true;
        _current ??= LogTail.Open(log, atEnd: first);
        var (lines, malformed) = (_counts.Lines, _counts.Malformed);
        var read = (_before?.Read(_counts.Take, MostBytes) ?? 0) + _current.Read(_counts.Take, MostBytes);
        if (_current.IsMoved && File.Exists(log))
        {
            var next = LogTail.Open(log, atEnd: false);
            _before?.Dispose();
            (_before, _current) = (_current, next);
            read += _current.Read(_counts.Take, MostBytes);
        }

        (lines, malformed) = (_counts.Lines - lines, _counts.Malformed - malformed);
        _recent.Add(clock.GetElapsedTime(_begun), lines + malformed, malformed);
        return read >= MostBytes ? Failed("is written faster than it is read")
            : _recent.AreForeign ? Failed($"has {_recent.Malformed} of {_recent.Lines} lines that are not in the log_format {NginxCounts.Format}")
            : new BalancerReading(_counts.X, _counts.Y);
    }

    private BalancerReading Failed(string problem) => BalancerReading.Failed($"nginx' log {log} {problem}");
}

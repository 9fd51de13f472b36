using KongUpgradeMesh.Lab.StandInKong.Configuration;

namespace KongUpgradeMesh.Lab.StandInKong.Faults;

/// <summary>Follows <c>faults.json</c> in the node's prefix, four times a second.</summary>
internal sealed partial class FaultWatcher(NodePrefix prefix, TimeProvider time, ILogger<FaultWatcher> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private string _lastText = "";
    private volatile ActiveFaults _current = new(FaultPlan.None);

    public ActiveFaults Current => _current;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long? dueSince = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Reread())
            {
                dueSince = null;
            }

            if (_current.Plan.DieAfterMs > 0 && _current.HaveBegun)
            {
                dueSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(dueSince.Value).TotalMilliseconds >= _current.Plan.DieAfterMs)
                {
                    LogDying();
                    Environment.Exit(134);
                }
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Reads the plan; true when it differs from the last one.</summary>
    public bool Reread()
    {
        string text;
        try
        {
            text = File.Exists(prefix.FaultFile) ? File.ReadAllText(prefix.FaultFile) : Environment.GetEnvironmentVariable("KUM_LAB_FAULTS") ?? "";
        }
        catch (IOException)
        {
            return false;
        }

        if (text == _lastText)
        {
            return false;
        }

        _lastText = text;
        _current = new ActiveFaults(FaultPlan.Load(prefix.FaultFile));
        return true;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "worker process exited on signal 6")]
    private partial void LogDying();
}

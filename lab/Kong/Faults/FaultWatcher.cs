using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Metrics;

namespace KongUpgradeMesh.Lab.StandInKong.Faults;

/// <summary>Follows <c>faults.json</c> in the node's prefix, five times a second, and leaves a copy in <c>faults.applied</c> when the plan is in force.</summary>
internal sealed partial class FaultWatcher(NodePrefix prefix, TrafficMetrics traffic, TimeProvider time, ILogger<FaultWatcher> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private string _lastText = "";
    private volatile ActiveFaults _current = new(FaultPlan.None, time);

    public ActiveFaults Current => _current;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ActiveFaults? confirmed = null;
        ActiveFaults? reset = null;
        (ActiveFaults Faults, long Since)? dying = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            Reread();
            var faults = _current;
            if (faults is { HaveBegun: true, Plan.CountersReset: true } && faults != reset)
            {
                traffic.Reset();
                reset = faults;
            }

            if (faults != confirmed)
            {
                await ConfirmAsync(cancellationToken);
                confirmed = faults;
            }

            if (faults is { HaveBegun: true, Plan.DieAfterMs: > 0 })
            {
                // From here on, not from the reading of the plan: a node that starts with it serves first.
                dying = dying is { } begun && begun.Faults == faults ? dying : (faults, time.GetTimestamp());
                if (time.GetElapsedTime(dying.Value.Since).TotalMilliseconds >= faults.Plan.DieAfterMs)
                {
                    LogDying();
                    Environment.Exit(134);
                }
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Reads the plan, and puts it into force when it differs from the last one.</summary>
    public void Reread()
    {
        string text;
        try
        {
            text = File.Exists(prefix.FaultFile) ? File.ReadAllText(prefix.FaultFile) : Environment.GetEnvironmentVariable("KUM_LAB_FAULTS") ?? "";
        }
        catch (IOException)
        {
            return;
        }

        if (text != _lastText)
        {
            _lastText = text;
            _current = new ActiveFaults(FaultPlan.Load(prefix.FaultFile), time);
        }
    }

    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(prefix.AppliedFaultFile, _lastText, cancellationToken);
        }
        catch (IOException)
        {
            // The prefix was removed under a running node; nobody waits for the confirmation any more.
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "worker process exited on signal 6")]
    private partial void LogDying();
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>Brings a record into the included file and into nginx's workers.</summary>
internal sealed class NginxSplitWriter(NginxReloadOptions options, INginxHost host, NginxControl control, TimeProvider clock)
{
    private const int AgreeingAnswers = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly NginxProgram _nginx = new(host, options.File);

    /// <summary>nginx's program.</summary>
    public NginxProgram Nginx => _nginx;

    /// <summary>What the file holds; empty when there is none.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when it may not be read.</exception>
    public async Task<string> ContentAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await host.ReadFileAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotAccessible(exception);
        }
    }

    /// <summary>Replaces the file by a shift's and reloads; puts the former file back when nginx refuses it or cannot be asked to reload.</summary>
    /// <returns>What the file held before.</returns>
    public async Task<string> WriteShiftAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var before = await ContentAsync(cancellationToken);
        await WriteAsync(before, NginxSplitFile.Render(record, options, await MayHaveGraceAsync(cancellationToken)), cancellationToken);
        try
        {
            await _nginx.ReloadAsync(cancellationToken);
        }
        catch (Exception) when (before.Length > 0)
        {
            // Left there, the next start or reload by anybody would shift what this step has reported as failed.
            await host.ReplaceFileAsync(before, CancellationToken.None);
            throw;
        }

        return before;
    }

    /// <summary>Replaces the file by a restore's and reloads, without a question that could fail or take time.</summary>
    public async Task WriteRestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var before = await ContentAsync(cancellationToken);
        await WriteAsync(before, NginxSplitFile.Render(record, options, NginxSplitFile.HasGrace(before)), cancellationToken);
        await _nginx.ReloadAsync(cancellationToken);
    }

    /// <summary>Puts the file back that was there before a shift whose reload had no effect, so that file and workers agree; unless somebody wrote it meanwhile.</summary>
    public async Task PutBackAsync(string before, TrafficRecord shift, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await host.TakeTurnAsync(cancellationToken);
            if (before.Length > 0 && NginxSplitFile.Is(await ContentAsync(cancellationToken), shift, options))
            {
                await host.ReplaceFileAsync(before, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StepFailedException)
        {
            // The shift's own failure is the one to report; the next try finds the file as it is.
        }
    }

    /// <summary>Waits until all workers follow the record, then for those of the old generation to end.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SplitNotInForce"/>.</exception>
    public async Task SettleAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var (started, wanted, agreeing) = (clock.GetTimestamp(), NginxMark.Write(record), 0);
        while (agreeing < AgreeingAnswers)
        {
            var last = (await control.AskAsync(null, cancellationToken)).Mark;
            agreeing = last == wanted ? agreeing + 1 : 0;
            if (agreeing == 0)
            {
                if (clock.GetElapsedTime(started) > options.Settle)
                {
                    // An address that cannot be bound looks exactly like this: test and reload succeed, and nothing changes.
                    throw TrafficFailures.NotInForce(record.Split, $"after {options.Settle} a worker still follows \"{last}\"; nginx's error log says why, perhaps an address that it cannot bind");
                }

                await Task.Delay(Pause, clock, cancellationToken);
            }
        }

        started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < options.Drain && await host.AnyLeavingAsync(cancellationToken))
        {
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>The failure of reading or replacing the file.</summary>
    public static StepFailedException NotAccessible(Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = "The file with nginx's split could not be read or replaced.",
            Remedy = "Make its directory writable for the agent's user, look for a full disk, and see that no other agent holds its lock; then: kum retry.",
            IsTransient = true,
        },
        inner);

    private async Task WriteAsync(string before, string content, CancellationToken cancellationToken)
    {
        await host.ReplaceFileAsync(content, cancellationToken);
        try
        {
            await _nginx.TestAsync(cancellationToken);
        }
        catch (Exception) when (before.Length > 0)
        {
            // What nginx refuses must not lie where its next restart would find it.
            await host.ReplaceFileAsync(before, CancellationToken.None);
            throw;
        }
    }

    // Written a second time on the same level, the directive would make the configuration invalid.
    private async Task<bool> MayHaveGraceAsync(CancellationToken cancellationToken)
    {
        if (!NginxVersion.KnowsGrace(await _nginx.VersionAsync(cancellationToken)))
        {
            return false;
        }

        var dump = await _nginx.DumpAsync(cancellationToken);
        return dump.IsWhole && !dump.Sets(NginxDump.Grace);
    }
}

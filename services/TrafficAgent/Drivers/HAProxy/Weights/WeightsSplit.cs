using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>The split as weights of the servers of one backend that has both clusters' servers; the record is a file of the agent.</summary>
/// <remarks>The note is written before the weights and again when HAProxy has reported them, so that a write that was cut short is told from a change by somebody else.</remarks>
internal sealed class WeightsSplit(HAProxyOptions options, HAProxyWeightsOptions weights, HAProxyRuntimeClient haproxy, HAProxyWeightsNotes notes, TimeProvider clock)
    : IHAProxySplit
{
    private readonly string _note = notes.FileOf(options.Socket.ToString()!, weights.Backend);
    private readonly WeightsStateFile? _stateFile = weights.StateFile is null ? null : new WeightsStateFile(weights.StateFile);

    public DriverCapabilities Capabilities { get; } = Can(weights);

    public IReadOnlyList<string> Limits =>
    [
        $"Each {(weights.PerConnection ? "connection" : "request")} is dealt anew by weight: a client with several meets both clusters while the split lasts.",
        "A node that is down takes its weight along: while some of X's nodes are down Y gets more than the step says, and everything when all are. slowstart does the same for a node that returns.",
        .. Capabilities.Shares is { } shares ? new[] { $"Only these shares can be set with {weights.ServersX.Count} servers of X and {weights.ServersY.Count} of Y: {string.Join(", ", shares)} %." } : [],
        _stateFile is null
            ? "A HAProxy that starts or reloads has all traffic on X until the agent has put the split back, within seconds and not when the agent is down."
            : "A HAProxy that starts takes the split from its server state file.",
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var backend = await LookAsync(cancellationToken);
        await (await notes.TakeTurnAsync(_note, cancellationToken)).DisposeAsync();
        HAProxyWeightsNotes.Read(_note);
        var problems = new List<string>(WeightsCheck.OfServers(backend, weights));
        problems.AddRange(WeightsCheck.OfStatistics(await haproxy.AskAsync("show stat", cancellationToken), options, weights));
        problems.AddRange(WeightsCheck.OfTables(await haproxy.AskAsync("show table", cancellationToken), weights));
        problems.AddRange(_stateFile?.Problems() ?? []);
        if (backend.X is [var any, ..])
        {
            // A weight that HAProxy never takes: it changes nothing, and is refused otherwise where the socket may not write.
            var answer = await haproxy.AskAsync($"set server {weights.Backend}/{any.Name} weight {WeightPlan.Most + 1}", cancellationToken);
            if (answer.StartsWith("Permission denied", StringComparison.OrdinalIgnoreCase))
            {
                throw TrafficFailures.Refused($"HAProxy at {options.Socket}", answer);
            }
        }

        return problems;
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken)
    {
        var backend = await LookAsync(cancellationToken);
        var note = HAProxyWeightsNotes.Read(_note);
        var seen = Judge(backend, note);
        if (note is not null && seen.Is(note.Record) && (note.Before is not null || !note.Process.Is(backend.Process)))
        {
            await FollowAsync(note, backend.Process, cancellationToken);
        }

        return seen;
    }

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        await using var turn = await notes.TakeTurnAsync(_note, cancellationToken);
        var backend = await LookAsync(cancellationToken);
        var seen = Judge(backend, HAProxyWeightsNotes.Read(_note));
        if (seen.Tampered || seen.Record != record)
        {
            RecordGuard.AdmitShift(seen, record, overForeign);
        }

        if (backend.X.Count == 0 || backend.Y.Count == 0)
        {
            throw TrafficFailures.Cannot([.. WeightsCheck.OfServers(backend, weights)]);
        }

        var note = new WeightsNote { Record = record, Weights = backend.WeightsFor(record.Split.WeightY), Before = backend.Weights, Process = backend.Process };
        if (!seen.Is(record))
        {
            RequireService(backend, note.Weights);
            HAProxyWeightsNotes.Write(_note, note);
            backend = await SetAsync(backend, note.Weights, cancellationToken);
            Confirm(backend, note);
        }

        HAProxyWeightsNotes.Write(_note, note with { Before = null, Process = backend.Process });

        // After the weights: a restart in between falls back to fewer clients on Y, never to more.
        if (_stateFile is not null)
        {
            await _stateFile.ReplaceAsync(backend.StateWith(note.Weights), cancellationToken);
        }
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        // Neither a full disk of the agent nor another process that hangs may keep traffic on a broken Y.
        var broken = new List<StepFailedException>();
        await using var turn = await TryAsync(() => notes.TakeTurnAsync(_note, cancellationToken), broken);
        var backend = await LookAsync(cancellationToken);
        if (backend.X.Count == 0)
        {
            throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"backend {weights.Backend} has none of {string.Join(", ", weights.ServersX)}");
        }

        if (TryReadNote() is { } kept)
        {
            RecordGuard.AdmitRestore(kept.Judge(backend, SplitOf(backend) ?? TrafficSplit.AllOnX), record);
        }

        var note = new WeightsNote { Record = record, Weights = backend.WeightsFor(0), Before = backend.Weights, Process = backend.Process };
        RequireService(backend, note.Weights);
        await TryAsync(() => WriteAsync(note), broken);
        if (_stateFile is not null)
        {
            // Before the weights: from here on a restart of HAProxy brings all traffic to X too.
            await TryAsync(() => _stateFile.ReplaceAsync(backend.StateWith(note.Weights), cancellationToken), broken);
        }

        backend = await SetAsync(backend, note.Weights, cancellationToken);
        Confirm(backend, note);
        await TryAsync(() => WriteAsync(note with { Before = null, Process = backend.Process }), broken);
        if (broken is [var first, ..])
        {
            throw first;
        }
    }

    private static DriverCapabilities Can(HAProxyWeightsOptions weights)
    {
        var shares = weights.ServersX.Count == 0 || weights.ServersY.Count == 0 ? [100] : weights.Plan.Shares();
        return new DriverCapabilities
        {
            IsSticky = false,
            Assignment = weights.PerConnection ? TrafficAssignment.PerConnection : TrafficAssignment.PerRequest,
            Granularity = shares[0],
            Shares = shares.Count == 100 ? null : shares,
            SeesShare = true,
        };
    }

    private static TrafficSplit? SplitOf(WeightedBackend backend) =>
        backend.ShareY() is { } share ? new TrafficSplit { WeightY = (int)Math.Ceiling((share * 100) - 1e-9) } : null;

    private static async Task<T?> TryAsync<T>(Func<Task<T>> action, List<StepFailedException> broken)
        where T : class
    {
        try
        {
            return await action();
        }
        catch (StepFailedException exception)
        {
            broken.Add(exception);
            return null;
        }
    }

    private ObservedTraffic Judge(WeightedBackend backend, WeightsNote? note)
    {
        var split = SplitOf(backend) ?? throw NothingServes();
        return note?.Judge(backend, split) ?? new ObservedTraffic(split, null, Tampered: false);
    }

    // Where a person has taken all nodes of a side out of service, weights would lead all clients to nobody.
    private void RequireService(WeightedBackend backend, IReadOnlyDictionary<string, int> wanted)
    {
        if (backend.ShareY(wanted) is null)
        {
            throw NothingServes();
        }
    }

    private StepFailedException NothingServes() =>
        TrafficFailures.Refused($"HAProxy at {options.Socket}", $"no server of backend {weights.Backend} that is in service would have a weight above 0; \"set server {weights.Backend}/NAME state ready\" ends maintenance and draining");

    private WeightsNote? TryReadNote()
    {
        try
        {
            return HAProxyWeightsNotes.Read(_note);
        }
        catch (StepFailedException)
        {
            return null; // What cannot be read is no reason not to put all traffic on X.
        }
    }

    private async Task<WeightedBackend> LookAsync(CancellationToken cancellationToken) =>
        WeightedBackend.Read(await haproxy.AskAsync(WeightedBackend.Question(weights), cancellationToken), options, weights, clock);

    private Task<WeightsNote> WriteAsync(WeightsNote note)
    {
        HAProxyWeightsNotes.Write(_note, note);
        return Task.FromResult(note);
    }

    private async Task<WeightedBackend> SetAsync(WeightedBackend backend, IReadOnlyDictionary<string, int> wanted, CancellationToken cancellationToken)
    {
        foreach (var line in WeightOrder.Lines(backend, wanted, weights.Backend))
        {
            await haproxy.TellAsync(line, cancellationToken);
        }

        return await LookAsync(cancellationToken);
    }

    private void Confirm(WeightedBackend backend, WeightsNote note)
    {
        if (!Judge(backend, note with { Before = null }).Is(note.Record))
        {
            throw TrafficFailures.NotInForce(note.Record.Split, string.Join(", ", backend.X.Concat(backend.Y).Select(static s => $"{s.Name} {s.Weight}{(s.IsOut ? " (out of service)" : "")}")));
        }
    }

    // HAProxy was started anew and took the weights from its state file, or the agent died when they were set: from now on a change back to the former ones is a person's.
    private async Task FollowAsync(WeightsNote note, HAProxyProcess process, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await notes.TakeTurnAsync(_note, cancellationToken);
            if (HAProxyWeightsNotes.Read(_note) is { } current && current.Record == note.Record && current.Process == note.Process)
            {
                HAProxyWeightsNotes.Write(_note, current with { Process = process, Before = null });
            }
        }
        catch (StepFailedException)
        {
            // Whoever only looks may lack the right to write; the agent itself looks again within seconds.
        }
    }
}

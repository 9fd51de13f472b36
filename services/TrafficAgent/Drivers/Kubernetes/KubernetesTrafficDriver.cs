using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>Writes weights into one object of Kubernetes, beside an annotation with the record, and waits until the object's controller says that it follows.</summary>
internal sealed class KubernetesTrafficDriver(KubernetesOptions options, HttpClient http, TimeProvider clock) : ITrafficDriver
{
    // Status updates and other writers may come between reading and writing a few times; more often is a fight.
    private const int Tries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly KubernetesApi _api = new(options, http, clock);

    public DriverCapabilities Capabilities { get; } = new()
    {
        IsSticky = false,
        Assignment = options.Preset.Assignment,
        Granularity = options.Preset.Granularity,
        Lag = options.Lag,
        SeesShare = false,
        ComparesAndSets = true,
    };

    public IReadOnlyList<string> Limits =>
    [
        .. options.Preset.Granularity < 100 ? new[] { "The weights are chances for each request: a client with several requests meets both clusters while the split lasts." } : [],
        .. options.Preset.Limits,
        "The share that flows cannot be seen from the API server: only the clusters' own counters tell it.",
        "Long-lived connections (WebSocket, gRPC streams) stay on their side until they end.",
        "Whoever applies the object's manifest by force (GitOps) undoes a split; that is noticed and treated as a foreign change. Suspend it for the upgrade.",
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var verb in new[] { "get", "patch" })
        {
            if (await _api.MayAsync(verb, cancellationToken) == false)
            {
                problems.Add(KubernetesFailures.MissingRule(options, verb));
            }
        }

        if (problems.Count > 0)
        {
            return problems;
        }

        var content = await _api.GetAsync(cancellationToken);
        var seen = new SplitObject(content, options);
        problems.AddRange(seen.Problems().Select(why => KubernetesFailures.NotUnderstood(options, why).Failure.Message));
        problems.AddRange(options.Preset.Bypasses(content));
        if (seen.Unsettled(allOnX: false) is { } missing)
        {
            problems.Add($"{options.QualifiedResource} \"{options.Name}\" is not served: {missing}.");
        }

        if (problems.Count == 0)
        {
            problems.AddRange(await RehearseAsync(cancellationToken));
        }

        return problems;
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) => (await GetAsync(cancellationToken)).Observe();

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            var seen = await GetAsync(cancellationToken);
            RecordGuard.AdmitShift(seen.Observe(), record, overForeign);
            seen.RequireDrivable();
            var written = seen.Observe().Is(record) ? seen : await TryWriteAsync(seen, record, guardWeights: true, cancellationToken);
            if (written is not null)
            {
                await SettleAsync(written, record, cancellationToken);
                return;
            }
        }

        throw KubernetesFailures.Contended(options);
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            var seen = await GetAsync(cancellationToken);
            var observed = TryObserve(seen);
            if (observed is not null)
            {
                RecordGuard.AdmitRestore(observed, record);
            }

            var written = observed?.Is(record) == true ? seen : await TryWriteAsync(seen, record, guardWeights: false, cancellationToken);
            if (written is not null)
            {
                await SettleAsync(written, record, cancellationToken);
                return;
            }
        }

        throw KubernetesFailures.Contended(options);
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await GetAsync(cancellationToken);
        RequireHeld(seen, record);
        return seen.Unsettled(record.Split.WeightY == 0) is { } missing ? throw TrafficFailures.NotInForce(record.Split, missing) : Verification.NotSupported;
    }

    private async Task<SplitObject> GetAsync(CancellationToken cancellationToken) => new(await _api.GetAsync(cancellationToken), options);

    private async Task<SplitObject?> TryWriteAsync(SplitObject seen, TrafficRecord record, bool guardWeights, CancellationToken cancellationToken) =>
        await _api.TryPatchAsync(seen.PatchTo(record, guardWeights), dryRun: false, cancellationToken) is { } content ? new SplitObject(content, options) : null;

    private async Task SettleAsync(SplitObject seen, TrafficRecord record, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            RequireHeld(seen, record);
            if (seen.Unsettled(record.Split.WeightY == 0) is not { } missing)
            {
                return;
            }

            if (clock.GetElapsedTime(started) > options.Settle)
            {
                throw TrafficFailures.NotInForce(record.Split, $"after {options.Settle} {missing}");
            }

            await Task.Delay(Pause, clock, cancellationToken);
            seen = await GetAsync(cancellationToken);
        }
    }

    // Defaults, webhooks and other writers may make something else of what was asked.
    private static void RequireHeld(SplitObject seen, TrafficRecord record)
    {
        if (seen.Observe() is var observed && !observed.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, observed.ToString());
        }
    }

    private static ObservedTraffic? TryObserve(SplitObject seen)
    {
        try
        {
            return seen.Observe();
        }
        catch (StepFailedException)
        {
            return null; // Weights that are nonsense are no reason not to replace them by "all on X".
        }
    }

    private async Task<IEnumerable<string>> RehearseAsync(CancellationToken cancellationToken)
    {
        var record = new TrafficRecord { UpgradeId = Guid.Empty, Epoch = 1, Step = 1, Split = new TrafficSplit { WeightY = options.Preset.Granularity } };
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            var patch = (await GetAsync(cancellationToken)).PatchTo(record, guardWeights: true);
            if (await _api.TryPatchAsync(patch, dryRun: true, cancellationToken) is { } content)
            {
                return new SplitObject(content, options).Observe() is var observed && observed.Is(record)
                    ? []
                    : [$"The API server makes something else of a split of {record.Split.WeightY} %: {observed}. An admission webhook or a default changes it."];
            }
        }

        throw KubernetesFailures.Contended(options);
    }
}

using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>Has PowerDNS answer each lookup with one address, chosen by a hash of who asks against the share.</summary>
internal sealed class PowerDnsTrafficDriver(PowerDnsOptions options, HttpClient http, string lockFile, TtlNotes notes, TimeProvider clock) : ITrafficDriver, ITtlBalancer
{
    // Shorter than others wait for the turn: who then goes on without it must not be overwritten by us afterwards.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2.5);
    private readonly DnsName _published = options.Published;
    private readonly PowerDnsClient _powerDns = new(options, http, clock);
    private readonly AuthoritativeServers _servers = new(new NameServer(options.Published.Servers[0], options.Published, clock), options.Published, clock);

    private TtlLowering Lowering => new(_published, this, notes, clock);

    public DriverCapabilities Capabilities { get; } = new()
    {
        IsSticky = options.StableResolvers,
        Assignment = TrafficAssignment.PerLookup,
        CostOfChange = "is a new answer that resolvers keep for its TTL",
        Lag = options.Published.Ttl,
        SeesShare = true,
        ComparesAndSets = false, // The API has nothing of the kind: the agents' own lock and record do, for agents of one host.
    };

    public IReadOnlyList<string> Limits =>
    [
        "The share is one of resolver addresses (of clients' networks where resolvers send EDNS client subnet and edns-subnet-processing is on): a large resolver moves as a whole.",
        $"A step, and a restore too, reaches clients when their resolvers ask again: after {_published.Ttl} at most, later where resolvers or clients keep names for longer than they may.",
        $"A time to live above {_published.Ttl} is lowered before the upgrade begins, which then waits for as long as the old one was; it is put back at the end.",
        "Connections that are open stay on their side until they end: the true time of a restore is the time to live plus the longest connection. Keep both clusters up for as long.",
        "Between 0 and 100 % each lookup is answered with one address: a node of that address that fails is not stepped over by the client.",
        "PowerDNS cannot refuse a write that was overtaken: run all traffic agents of this zone on one host, where their lock file keeps them apart.",
        .. options.StableResolvers ? [] : new[] { "A client whose lookups come by several resolver addresses may move back and forth; where that cannot be, set stableResolvers to true." },
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var zone = await _powerDns.ReadAsync(cancellationToken);
        var settings = (await _powerDns.SettingsAsync(cancellationToken)).ToDictionary(static s => s.Name, static s => s.Value, StringComparer.Ordinal);
        var problems = new List<string>();
        if (zone.Kind is "Slave" or "Secondary" or "Consumer")
        {
            problems.Add($"The zone {_published.Zone} is a copy here (kind {zone.Kind}): point traffic.settings.api at its primary.");
        }

        if (wishes.Steps.Any(static s => s < 100) && settings.GetValueOrDefault("enable-lua-records") is "no" or "" or null)
        {
            problems.Add("PowerDNS does not evaluate LUA records: set enable-lua-records=yes in pdns.conf, here and on every server that resolvers ask, or set steps to [100].");
        }

        if (Addresses(zone).Count == 0)
        {
            problems.Add($"{_published.Name} has no A, AAAA or LUA record of its own (a CNAME cannot be split): publish the addresses of cluster X there first.");
        }

        problems.AddRange(await ServerProblemsAsync(zone, cancellationToken));
        return problems;
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) =>
        PowerDnsRecords.Observe((await _powerDns.ReadAsync(cancellationToken)).Rrsets, _published);

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        RecordGuard.AdmitShift(seen, record, overForeign);
        if (!seen.Is(record))
        {
            if (!overForeign && await ReadTtlAsync(cancellationToken) is var ttl && ttl > _published.Ttl)
            {
                throw DnsFailures.TtlRaised(_published, ttl);
            }

            // Where one server is dead or behind already, the new split would be in force on some and not on others.
            await AwaitServersAsync(record, seen, cancellationToken);
            await ReadAndWriteAsync(record, s => RecordGuard.AdmitShift(s, record, overForeign), cancellationToken);
        }

        await ConfirmAsync(record, cancellationToken);
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        await using (await TryTakeTurnAsync(cancellationToken))
        {
            var seen = await TryReadAsync(cancellationToken);
            if (seen is not null)
            {
                RecordGuard.AdmitRestore(seen, record);
            }

            if (seen?.Is(record) != true)
            {
                await WriteAsync(record, cancellationToken);
            }
        }

        await ConfirmAsync(record, cancellationToken);
    }

    // Each question of ours comes from the same address and so gets the same answer; on behalf of other clients it does not.
    public Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken) => new ShareProbe(_servers, _published)
        .AskAsync(record, static n => new IPAddress([10, (byte)(n * 37), (byte)(n * 11), (byte)(n + 1)]), cancellationToken);

    public Task<DateTimeOffset?> PrepareAsync(Guid upgradeId, int epoch, TimeSpan patience, CancellationToken cancellationToken) =>
        Lowering.LowerAsync(upgradeId, epoch, patience, cancellationToken);

    public Task ReleaseAsync(Guid upgradeId, int epoch, CancellationToken cancellationToken) => Lowering.PutBackAsync(upgradeId, epoch, cancellationToken);

    public async Task<TimeSpan> ReadTtlAsync(CancellationToken cancellationToken) =>
        TimeSpan.FromSeconds(Addresses(await _powerDns.ReadAsync(cancellationToken)).Max(static s => s.Ttl) ?? 0);

    public Task WriteTtlAsync(TimeSpan ttl, CancellationToken cancellationToken) => InTurnAsync(
        async token =>
        {
            var sets = Addresses(await _powerDns.ReadAsync(token));
            await _powerDns.WriteAsync([.. sets.Select(s => s with { Ttl = (int)ttl.TotalSeconds, Changetype = "REPLACE" })], token);
        },
        cancellationToken);

    public Task AwaitTtlAsync(TimeSpan most, CancellationToken cancellationToken) => _servers.AwaitAsync(s => s.Ttl <= most, cancellationToken);

    public async Task<bool> IsOthersAsync(Guid upgradeId, CancellationToken cancellationToken) =>
        await ReadAsync(cancellationToken) is { Record: not null } seen && !seen.IsOf(upgradeId);

    private static List<PowerDnsRecordSet> Addresses(PowerDnsZone zone) => [.. zone.Rrsets.Where(static s => s.Type is "A" or "AAAA" or "LUA")];

    private Task ReadAndWriteAsync(TrafficRecord record, Action<ObservedTraffic> admit, CancellationToken cancellationToken) => InTurnAsync(
        async token =>
        {
            admit(await ReadAsync(token));
            await WriteAsync(record, token);
        },
        cancellationToken);

    private async Task InTurnAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await using var turn = await TakeTurnAsync(cancellationToken);
        using var bound = new CancellationTokenSource(LongestTurn, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            await write(linked.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw PowerDnsFailures.Unreachable(options, $"reading and writing were not done within {LongestTurn}", exception);
        }
    }

    private Task WriteAsync(TrafficRecord record, CancellationToken cancellationToken) => _powerDns.WriteAsync(PowerDnsRecords.For(record, _published), cancellationToken);

    private async Task ConfirmAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        RecordGuard.AdmitRestore(seen, record);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }

        await AwaitServersAsync(record, seen, cancellationToken);
    }

    private async Task AwaitServersAsync(TrafficRecord record, ObservedTraffic seen, CancellationToken cancellationToken)
    {
        try
        {
            await _servers.AwaitAsync(s => Serves(s, seen), cancellationToken);
        }
        catch (StepFailedException)
        {
            // Servers that answer otherwise because this was overtaken are no fault of theirs.
            RecordGuard.AdmitRestore(await ReadAsync(cancellationToken), record);
            throw;
        }
    }

    // What the API says and what is answered are two things: caches, other servers, LUA records that are switched off.
    private bool Serves(PublishedState state, ObservedTraffic seen)
    {
        var texts = state.Records.Select(static r => r.TextData);
        var isRecord = seen switch
        {
            { Tampered: true } => true, // What a stranger wrote is compared by its addresses alone.
            { Record: { } record } => texts.Contains(StepRecordText.Write(record)),
            _ => texts.All(static t => StepRecordText.Read(t, out _) is null),
        };
        return isRecord && _published.Addresses.Families.All(f => state.Of(f) is { Count: > 0 } answer && answer.All(a => seen.Split.WeightY switch
        {
            0 => _published.Addresses.X(f).Contains(a),
            100 when !seen.Tampered => _published.Addresses.Y(f).Contains(a),
            _ => true,
        }));
    }

    private async Task<IReadOnlyList<string>> ServerProblemsAsync(PowerDnsZone zone, CancellationToken cancellationToken)
    {
        var (problems, seen) = (new List<string>(), PowerDnsRecords.Observe(zone.Rrsets, _published));
        foreach (var server in await _servers.FindAsync(cancellationToken))
        {
            try
            {
                var state = await server.ReadAsync(cancellationToken);
                if (!Serves(state, seen))
                {
                    problems.Add($"The name server {server.EndPoint} does not answer what the API of PowerDNS says ({state}): see its caches and its copy of {_published.Zone}, and that LUA records are switched on there.");
                }
            }
            catch (StepFailedException exception)
            {
                problems.Add($"{exception.Failure.Message} {exception.Failure.Remedy}");
            }
        }

        return problems;
    }

    private async Task<ObservedTraffic?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused)
        {
            return null; // What stands there is nonsense, which is no reason not to replace it by "all on X".
        }
    }

    private async Task<FileTurn> TakeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(lockFile)!);
            return await FileTurn.TakeAsync(lockFile, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw PowerDnsFailures.Busy(lockFile, exception);
        }
    }

    private async Task<FileTurn?> TryTakeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TakeTurnAsync(cancellationToken);
        }
        catch (StepFailedException)
        {
            return null; // Somebody hangs with the lock; the way back to X does not wait for that.
        }
    }
}

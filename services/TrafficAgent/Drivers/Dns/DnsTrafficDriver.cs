using System.Net;
using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Publishes as many addresses of X and Y as make up the share, by one signed update that the primary carries out only over what was read.</summary>
internal sealed class DnsTrafficDriver : ITrafficDriver, ITtlBalancer
{
    private const int Tries = 3;
    private readonly DnsOptions _options;
    private readonly DnsName _published;
    private readonly NameServer _primary;
    private readonly AuthoritativeServers _servers;
    private readonly SignedUpdate _updates;
    private readonly TtlLowering _ttl;

    public DnsTrafficDriver(DnsOptions options, TtlNotes notes, TimeProvider clock)
    {
        (_options, _published) = (options, options.Published);
        _primary = new NameServer(options.Server, _published, clock);
        _servers = new AuthoritativeServers(_primary, _published, clock);
        _updates = new SignedUpdate(options, clock);
        _ttl = new TtlLowering(_published, this, notes, clock);
        Capabilities = new DriverCapabilities
        {
            IsSticky = false,
            Assignment = TrafficAssignment.PerLookup,
            CostOfChange = "is a new answer that resolvers keep for its TTL",
            Granularity = _published.Addresses.Shares[0],
            Shares = _published.Addresses.Shares,
            Lag = _published.Ttl,
            SeesShare = true,
            ComparesAndSets = true,
        };
    }

    public DriverCapabilities Capabilities { get; }

    public IReadOnlyList<string> Limits =>
    [
        $"Only these shares can be set with the given addresses: {string.Join(", ", Capabilities.Shares!)} %. Every address of an answer is as likely as any other.",
        $"A step, and a restore too, reaches clients when their resolvers ask again: after {_published.Ttl} at most, later where resolvers or clients keep names for longer than they may.",
        $"A time to live above {_published.Ttl} is lowered before the upgrade begins, which then waits for as long as the old one was; it is put back at the end.",
        "Connections that are open stay on their side until they end: the true time of a restore is the time to live plus the longest connection. Keep both clusters up for as long.",
        "Clients move back and forth between X and Y with each lookup; limits that count in one cluster alone are passed accordingly.",
        "The share is one of lookups, and a wish: one resolver may serve many clients, and clients near Y's addresses prefer them (RFC 6724), however few they are. Trust the requests seen by the monitor.",
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var state = await _primary.ReadAsync(cancellationToken);
        var problems = new List<string>();
        if (state.Addresses.Count == 0)
        {
            problems.Add($"{_published.Name} has no A or AAAA record of its own (a CNAME cannot be split): publish the addresses of cluster X there first.");
        }

        // Deleting what is not there changes nothing, and is refused where the real update would be.
        await _updates.SendAsync([], Changes([IPAddress.Any, IPAddress.IPv6Any], "v=kum1 try", static r => new DeleteRecordUpdate(r)), cancellationToken);
        problems.AddRange(await ServerProblemsAsync(state, wishes, cancellationToken));
        return problems;
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) => (await _primary.ReadAsync(cancellationToken)).Observe(_published);

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        var state = await _primary.ReadAsync(cancellationToken);
        RecordGuard.AdmitShift(state.Observe(_published), record, overForeign);
        if (!state.Observe(_published).Is(record))
        {
            if (state.Ttl > _published.Ttl && !overForeign)
            {
                throw DnsFailures.TtlRaised(_published, state.Ttl);
            }

            // Where one server is dead or behind already, the new split would be in force on some and not on others.
            await AwaitServersAsync(record, state.Equals, cancellationToken);
            await WriteAsync(
                record,
                state,
                s => RecordGuard.AdmitShift(s.Observe(_published), record, overForeign),
                SameAddresses,
                cancellationToken);
        }

        await ConfirmAsync(record, cancellationToken);
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var state = await TryReadAsync(cancellationToken);
        if (state is not null)
        {
            RecordGuard.AdmitRestore(state.Observe(_published), record);
        }

        if (state?.Observe(_published).Is(record) != true)
        {
            // Whatever addresses are there go; only the record of a later epoch, written meanwhile, must stop it.
            await WriteAsync(record, state, s => RecordGuard.AdmitRestore(s.Observe(_published), record), static _ => [], cancellationToken);
        }

        await ConfirmAsync(record, cancellationToken);
    }

    public Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken) =>
        new ShareProbe(_servers, _published).AskAsync(record, clients: null, cancellationToken);

    public Task<DateTimeOffset?> PrepareAsync(Guid upgradeId, int epoch, TimeSpan patience, CancellationToken cancellationToken) =>
        _ttl.LowerAsync(upgradeId, epoch, patience, cancellationToken);

    public Task ReleaseAsync(Guid upgradeId, int epoch, CancellationToken cancellationToken) => _ttl.PutBackAsync(upgradeId, epoch, cancellationToken);

    public async Task<TimeSpan> ReadTtlAsync(CancellationToken cancellationToken) => (await _primary.ReadAsync(cancellationToken)).Ttl;

    public async Task WriteTtlAsync(TimeSpan ttl, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= Tries; number++)
        {
            var state = await _primary.ReadAsync(cancellationToken);
            var changes = new List<UpdateBase> { new DeleteAllRecordsUpdate(_published.Name, RecordType.A), new DeleteAllRecordsUpdate(_published.Name, RecordType.Aaaa) };
            changes.AddRange(state.Addresses.Select(a => new AddRecordUpdate(AddressRecord(a.Address, ttl))));
            if (await _updates.SendAsync([.. SameRecord(state), .. SameAddresses(state)], changes, cancellationToken))
            {
                return;
            }
        }

        throw DnsFailures.Overtaken(_options.Server, _published);
    }

    public Task AwaitTtlAsync(TimeSpan most, CancellationToken cancellationToken) => _servers.AwaitAsync(s => s.Ttl <= most, cancellationToken);

    public async Task<bool> IsOthersAsync(Guid upgradeId, CancellationToken cancellationToken) =>
        await ReadAsync(cancellationToken) is { Record: not null } seen && !seen.IsOf(upgradeId);

    private static IEnumerable<PrequisiteBase> Unchanged(IReadOnlyList<DnsRecordBase> records) => records.Select(static r => new RecordExistsValueDependantPrequisite(r));

    private IReadOnlyList<PrequisiteBase> SameAddresses(PublishedState state) =>
    [
        .. Unchanged(state.Addresses),
        .. new[] { RecordType.A, RecordType.Aaaa }.Where(t => state.Addresses.All(a => a.RecordType != t)).Select(t => new RecordNotExistsPrequisite(_published.Name, t)),
    ];

    private async Task WriteAsync(
        TrafficRecord record,
        PublishedState? state,
        Action<PublishedState> admit,
        Func<PublishedState, IReadOnlyList<PrequisiteBase>> conditions,
        CancellationToken cancellationToken)
    {
        var addresses = _published.Addresses.Families.SelectMany(f => _published.Addresses.For(record.Split.WeightY, f) ?? throw CannotSet(record.Split));
        var changes = new List<UpdateBase>
        {
            new DeleteAllRecordsUpdate(_published.Name, RecordType.A),
            new DeleteAllRecordsUpdate(_published.Name, RecordType.Aaaa),
            new DeleteAllRecordsUpdate(_published.RecordName, RecordType.Txt),
        };
        changes.AddRange(Changes([.. addresses], StepRecordText.Write(record), static r => new AddRecordUpdate(r)));
        for (var number = 1; number <= Tries; number++)
        {
            if (await _updates.SendAsync(state is null ? [] : [.. SameRecord(state), .. conditions(state)], changes, cancellationToken))
            {
                return;
            }

            state = await _primary.ReadAsync(cancellationToken);
            admit(state);
        }

        throw DnsFailures.Overtaken(_options.Server, _published);
    }

    private IEnumerable<PrequisiteBase> SameRecord(PublishedState state) =>
        state.Records.Count > 0 ? Unchanged(state.Records) : [new RecordNotExistsPrequisite(_published.RecordName, RecordType.Txt)];

    private async Task ConfirmAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await _primary.ReadAsync(cancellationToken);
        RecordGuard.AdmitRestore(seen.Observe(_published), record);
        if (!seen.Publishes(record, _published))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }

        await AwaitServersAsync(record, s => s.Publishes(record, _published), cancellationToken);
    }

    private async Task AwaitServersAsync(TrafficRecord record, Func<PublishedState, bool> isWanted, CancellationToken cancellationToken)
    {
        try
        {
            await _servers.AwaitAsync(isWanted, cancellationToken);
        }
        catch (StepFailedException)
        {
            // Servers that answer otherwise because this was overtaken are no fault of theirs.
            RecordGuard.AdmitRestore((await _primary.ReadAsync(cancellationToken)).Observe(_published), record);
            throw;
        }
    }

    private async Task<PublishedState?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _primary.ReadAsync(cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused)
        {
            return null; // What cannot be read is no reason not to replace it by "all on X".
        }
    }

    private IEnumerable<UpdateBase> Changes(IReadOnlyList<IPAddress> addresses, string text, Func<DnsRecordBase, UpdateBase> change)
    {
        foreach (var address in addresses)
        {
            yield return change(AddressRecord(address, _published.Ttl));
        }

        yield return change(new TxtRecord(_published.RecordName, (int)_published.Ttl.TotalSeconds, text));
    }

    private AddressRecordBase AddressRecord(IPAddress address, TimeSpan ttl) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
        ? new ARecord(_published.Name, (int)ttl.TotalSeconds, address)
        : new AaaaRecord(_published.Name, (int)ttl.TotalSeconds, address);

    private StepFailedException CannotSet(TrafficSplit split) =>
        TrafficFailures.Cannot([$"{split.WeightY} % cannot be set with the given addresses; possible are {string.Join(", ", Capabilities.Shares!)}."]);

    private async Task<IReadOnlyList<string>> ServerProblemsAsync(PublishedState state, TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var server in await _servers.FindAsync(cancellationToken))
        {
            try
            {
                var seen = await server.ReadAsync(cancellationToken);
                if (!seen.Equals(state))
                {
                    problems.Add($"The name server {server.EndPoint} answers differently from the primary ({seen}): bring its copy of {_published.Zone} up to date.");
                }
            }
            catch (StepFailedException exception) when (!server.EndPoint.Equals(_options.Server))
            {
                problems.Add($"{exception.Failure.Message} {exception.Failure.Remedy}");
                continue;
            }

            if (wishes.Steps.Any(static s => s < 100) && state.Addresses.Count > 1 && !await VariesAsync(server, cancellationToken))
            {
                problems.Add($"The name server {server.EndPoint} always answers in the same order, and most clients take the first address: switch on rotation (Knot: answer-rotation: on; BIND: rrset-order {{ order random; }}), or set steps to [100].");
            }
        }

        return problems;
    }

    private async Task<bool> VariesAsync(NameServer server, CancellationToken cancellationToken)
    {
        const int questions = 20; // With two addresses in random order, equal answers by chance: 1 in half a million.
        var first = new HashSet<IPAddress>();
        var type = _published.Addresses.Families[0] == System.Net.Sockets.AddressFamily.InterNetwork ? RecordType.A : RecordType.Aaaa;
        for (var question = 0; question < questions && first.Count < 2; question++)
        {
            if (await server.AskAsync(_published.Name, type, null, cancellationToken) is [AddressRecordBase address, ..] answer && answer.Count > 1)
            {
                first.Add(address.Address);
            }
            else
            {
                return true; // One address has no order.
            }
        }

        return first.Count > 1;
    }
}

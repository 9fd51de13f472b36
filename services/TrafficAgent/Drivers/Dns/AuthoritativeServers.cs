using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>All servers that resolvers may ask: a split is in force when every one of them answers by it.</summary>
internal sealed class AuthoritativeServers(NameServer primary, DnsName published, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Finds them: by the settings, otherwise by the zone's NS records.</summary>
    public async Task<IReadOnlyList<NameServer>> FindAsync(CancellationToken cancellationToken)
    {
        if (published.Servers.Count > 0)
        {
            return [.. published.Servers.Distinct().Select(e => new NameServer(e, published, clock))];
        }

        var names = await primary.AskAsync(published.Zone, RecordType.Ns, null, cancellationToken);
        var addresses = new HashSet<IPAddress>();
        foreach (var name in names.Cast<NsRecord>().Select(static n => n.NameServer))
        {
            addresses.UnionWith(await AddressesAsync(name, cancellationToken));
        }

        return addresses.Count > 0
            ? [.. addresses.Select(a => new NameServer(new IPEndPoint(a, published.Port), published, clock))]
            : throw DnsFailures.NoServers(published, "the zone has no NS records");
    }

    /// <summary>Waits until every server answers as wanted.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SplitNotInForce"/> for one that lags, <see cref="FailureCodes.BalancerUnreachable"/> for one that is dead.</exception>
    public async Task AwaitAsync(Func<PublishedState, bool> isWanted, CancellationToken cancellationToken)
    {
        var servers = await FindAsync(cancellationToken);
        await Task.WhenAll(servers.Select(s => AwaitAsync(s, isWanted, cancellationToken)));
    }

    private async Task AwaitAsync(NameServer server, Func<PublishedState, bool> isWanted, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            StepFailedException failure;
            try
            {
                var seen = await server.ReadAsync(cancellationToken);
                if (isWanted(seen))
                {
                    return;
                }

                failure = DnsFailures.Differs(server.EndPoint, published, published.Settle, seen.ToString());
            }
            catch (StepFailedException exception) when (exception.Failure.IsTransient)
            {
                failure = exception;
            }

            if (clock.GetElapsedTime(started) >= published.Settle)
            {
                throw failure;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task<IEnumerable<IPAddress>> AddressesAsync(DomainName name, CancellationToken cancellationToken)
    {
        if (name.IsEqualOrSubDomainOf(published.Zone))
        {
            var own = new List<IPAddress>();
            foreach (var type in new[] { RecordType.A, RecordType.Aaaa })
            {
                own.AddRange((await primary.AskAsync(name, type, null, cancellationToken)).Cast<AddressRecordBase>().Select(static a => a.Address));
            }

            return own;
        }

        using var bound = new CancellationTokenSource(published.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            return await System.Net.Dns.GetHostAddressesAsync(name.ToString().TrimEnd('.'), linked.Token);
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw DnsFailures.NoServers(published, string.Create(CultureInfo.InvariantCulture, $"{name} cannot be resolved on the agent's host"));
        }
    }
}

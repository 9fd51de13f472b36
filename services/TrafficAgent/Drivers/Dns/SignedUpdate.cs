using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Sends updates (RFC 2136) that are signed by a TSIG key (RFC 8945) to the primary.</summary>
internal sealed class SignedUpdate(DnsOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Fudge = TimeSpan.FromMinutes(5);

    /// <summary>Sends one update, which is carried out as a whole or not at all.</summary>
    /// <param name="conditions">What must hold at the server in the same moment.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="cancellationToken">Gives up; whether the update was carried out is then unknown.</param>
    /// <returns>False when a condition does not hold: nothing was changed.</returns>
    /// <exception cref="StepFailedException">The server is away or says no.</exception>
    public async Task<bool> SendAsync(IEnumerable<PrequisiteBase> conditions, IEnumerable<UpdateBase> changes, CancellationToken cancellationToken)
    {
        var message = new DnsUpdateMessage
        {
            ZoneName = options.Published.Zone,
            TSigOptions = new TSigRecord(options.Key, options.Algorithm, clock.GetUtcNow().UtcDateTime, Fudge, 0, ReturnCode.NoError, [], options.Secret),
        };
        message.Prequisites.AddRange(conditions);
        message.Updates.AddRange(changes);

        // TCP alone: a datagram may arrive twice or late, when the restore it must not undo has long been done.
        var reply = await NameServer.TalkAsync(
            options.Server, [new TcpClientTransport(options.Server.Port)], options.Published.Timeout, options.Published.Timeout, d => d.SendUpdateAsync(message, cancellationToken), clock, cancellationToken);
        return Judge(reply);
    }

    private bool Judge(DnsUpdateMessage? reply)
    {
        switch (reply)
        {
            case null:
                throw DnsFailures.Unreachable(options.Server, options.Published, options.Published.Timeout);
            case { ReturnCode: ReturnCode.NotAuthoritive, TSigOptions.Error: not ReturnCode.NoError }:
                throw DnsFailures.KeyRefused(options.Server, options, reply.TSigOptions.Error);
            case { ReturnCode: ReturnCode.NoError or ReturnCode.NXRRSet or ReturnCode.YXRRSet } when reply.TSigOptions?.ValidationResult != ReturnCode.NoError:
                throw DnsFailures.UnsignedReply(options.Server);
            case { ReturnCode: ReturnCode.NoError }:
                return true;
            case { ReturnCode: ReturnCode.NXRRSet or ReturnCode.YXRRSet or ReturnCode.NxDomain or ReturnCode.YXDomain }:
                return false;
            default:
                throw DnsFailures.UpdateRefused(options.Server, options.Published, reply.ReturnCode);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Asks one authoritative server.</summary>
internal sealed class NameServer(IPEndPoint endPoint, DnsName published, TimeProvider clock)
{
    // By UDP, and once more by TCP.
    private const int Transports = 2;
    private const int Readings = 3;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; } = endPoint;

    /// <summary>The records of one type, in the order of the answer; none when the name does not exist.</summary>
    /// <param name="name">Whose records.</param>
    /// <param name="type">Their type.</param>
    /// <param name="client">Asks as a resolver would on behalf of this client (EDNS client subnet); null asks for ourselves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerUnreachable"/>, or <see cref="FailureCodes.BalancerRefused"/> when the answer is no authoritative one.</exception>
    public async Task<IReadOnlyList<DnsRecordBase>> AskAsync(DomainName name, RecordType type, IPAddress? client, CancellationToken cancellationToken)
    {
        var options = new OptRecord(1232);
        if (client is not null)
        {
            options.Options.Add(new ClientSubnetOption((byte)(client.AddressFamily == AddressFamily.InterNetwork ? 32 : 128), client));
        }

        var question = new DnsMessage { IsQuery = true, OperationCode = OperationCode.Query, IsRecursionDesired = false, IsEDnsEnabled = true, EDnsOptions = options };
        question.Questions.Add(new DnsQuestion(name, type, RecordClass.INet));
        var answer = await TalkAsync(EndPoint, [new UdpClientTransport(EndPoint.Port), new TcpClientTransport(EndPoint.Port)], published.Timeout, published.Timeout * Transports, d => d.SendMessageAsync(question, cancellationToken), clock, cancellationToken);
        return answer switch
        {
            null => throw DnsFailures.Unreachable(EndPoint, published, published.Timeout),
            { ReturnCode: ReturnCode.NoError or ReturnCode.NxDomain, IsAuthoritiveAnswer: true } => [.. answer.AnswerRecords.Where(r => r.RecordType == type && r.Name.Equals(name))],
            { ReturnCode: ReturnCode.NoError or ReturnCode.NxDomain or ReturnCode.Refused or ReturnCode.NotAuthoritive } => throw DnsFailures.NotAuthoritative(EndPoint, published, answer.ReturnCode),
            _ => throw DnsFailures.QueryRefused(EndPoint, answer.ReturnCode),
        };
    }

    /// <summary>What it publishes; addresses and step record of the same moment.</summary>
    public async Task<PublishedState> ReadAsync(CancellationToken cancellationToken)
    {
        var before = await RecordsAsync(cancellationToken);
        for (var reading = 0; ; reading++)
        {
            AddressRecordBase[] addresses =
            [
                .. (await AskAsync(published.Name, RecordType.A, null, cancellationToken)).Cast<AddressRecordBase>(),
                .. (await AskAsync(published.Name, RecordType.Aaaa, null, cancellationToken)).Cast<AddressRecordBase>(),
            ];
            var state = new PublishedState(before, addresses);
            var after = new PublishedState(await RecordsAsync(cancellationToken), addresses);
            if (state.Equals(after) || reading == Readings)
            {
                return after; // Under constant change each reading is judged by the last record; the compare-and-set of a write catches the rest.
            }

            before = after.Records;
        }
    }

    /// <summary>Has one exchange with a server.</summary>
    /// <returns>Null when there is no answer in time.</returns>
    public static async Task<T?> TalkAsync<T>(
        IPEndPoint server, IClientTransport[] transports, TimeSpan timeout, TimeSpan bound, Func<DnsClient, Task<T?>> talk, TimeProvider clock, CancellationToken cancellationToken)
        where T : DnsMessageBase
    {
        try
        {
            using var dns = new DnsClient([server.Address], transports, true, (int)timeout.TotalMilliseconds) { IsResponseValidationEnabled = true };
            // The library does not bound the wait for an answer by TCP.
            return await talk(dns).WaitAsync(bound, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or IOException or TimeoutException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<TxtRecord>> RecordsAsync(CancellationToken cancellationToken) =>
        [.. (await AskAsync(published.RecordName, RecordType.Txt, null, cancellationToken)).Cast<TxtRecord>()];
}

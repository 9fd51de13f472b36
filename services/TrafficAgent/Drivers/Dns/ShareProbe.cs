using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Asks every authoritative server many times and counts which cluster the answers lead to.</summary>
internal sealed class ShareProbe(AuthoritativeServers servers, DnsName published)
{
    private const int Questions = 200;

    // Far outside of what chance does to that many answers.
    private const double Deviations = 5;

    /// <summary>Compares the answers with the record.</summary>
    /// <param name="record">What should be in force.</param>
    /// <param name="clients">Addresses on whose behalf to ask in turn; null asks for ourselves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The share of answers whose first address is Y's; null when the servers always give the same answer, which says nothing of other clients.</returns>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SplitNotInForce"/> when the answers prove that it is not in force.</exception>
    public async Task<Verification> AskAsync(TrafficRecord record, Func<int, IPAddress>? clients, CancellationToken cancellationToken)
    {
        var answers = (await Task.WhenAll((await servers.FindAsync(cancellationToken)).Select(s => AskAsync(s, clients, cancellationToken)))).SelectMany(static a => a).ToList();
        var family = published.Addresses.Families[0];
        var (y, onY) = (published.Addresses.Y(family).ToHashSet(), 0);
        foreach (var answer in answers)
        {
            if (answer.Count == 0 || answer.Any(a => !y.Contains(a) && !published.Addresses.X(family).Contains(a)))
            {
                throw TrafficFailures.NotInForce(record.Split, $"a name server answers {(answer.Count == 0 ? "nothing" : string.Join(", ", answer))}");
            }

            onY += y.Contains(answer[0]) ? 1 : 0;
        }

        var expected = record.Split.WeightY / 100.0;
        var isAll = record.Split.WeightY is 0 or 100;
        if (isAll && answers.Any(a => a.Any(address => y.Contains(address) != (record.Split.WeightY == 100))))
        {
            throw TrafficFailures.NotInForce(record.Split, $"{onY} of {answers.Count} answers lead to Y");
        }

        if (!isAll && answers.Select(static a => a[0]).Distinct().Count() == 1)
        {
            return new Verification(null, answers.Count);
        }

        var bound = Deviations * Math.Sqrt(answers.Count * expected * (1 - expected));
        return Math.Abs(onY - (answers.Count * expected)) <= bound
            ? new Verification((double)onY / answers.Count, answers.Count)
            : throw TrafficFailures.NotInForce(record.Split, $"{onY} of {answers.Count} answers lead to Y first");
    }

    private async Task<List<IReadOnlyList<IPAddress>>> AskAsync(NameServer server, Func<int, IPAddress>? clients, CancellationToken cancellationToken)
    {
        var type = published.Addresses.Families[0] == AddressFamily.InterNetwork ? RecordType.A : RecordType.Aaaa;
        var answers = new List<IReadOnlyList<IPAddress>>(Questions);
        for (var question = 0; question < Questions; question++)
        {
            var records = await server.AskAsync(published.Name, type, clients?.Invoke(question), cancellationToken);
            answers.Add([.. records.Cast<AddressRecordBase>().Select(static a => a.Address)]);
        }

        return answers;
    }
}

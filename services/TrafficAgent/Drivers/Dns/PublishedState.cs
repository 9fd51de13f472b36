using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>What a server publishes under the name: its addresses and the step record.</summary>
/// <param name="Records">The TXT records at the place of the step record.</param>
/// <param name="Addresses">The A and AAAA records of the name.</param>
internal sealed record PublishedState(IReadOnlyList<TxtRecord> Records, IReadOnlyList<AddressRecordBase> Addresses)
{
    /// <summary>The longest time that resolvers may keep the addresses.</summary>
    public TimeSpan Ttl => TimeSpan.FromSeconds(Addresses.Count == 0 ? 0 : Addresses.Max(static a => a.TimeToLive));

    /// <summary>The addresses of one family.</summary>
    public IReadOnlyList<IPAddress> Of(AddressFamily family) => [.. Addresses.Select(static a => a.Address).Where(a => a.AddressFamily == family)];

    /// <summary>Whether another server's answers mean the same.</summary>
    public bool Equals(PublishedState? other) => other is not null
        && Records.Select(static r => r.TextData).ToHashSet().SetEquals(other.Records.Select(static r => r.TextData))
        && Addresses.Select(static a => a.Address).ToHashSet().SetEquals(other.Addresses.Select(static a => a.Address));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Records.Count, Addresses.Count);

    /// <summary>Whether this is what a record publishes.</summary>
    public bool Publishes(TrafficRecord record, DnsName published) =>
        Records.Count == 1 && Records[0].TextData == StepRecordText.Write(record) && HasSet(record.Split, published);

    /// <summary>Judges it against the clusters' addresses.</summary>
    public ObservedTraffic Observe(DnsName published)
    {
        var families = new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 };
        var split = new TrafficSplit { WeightY = families.Max(f => published.Addresses.WeightIn(Of(f))) };
        foreach (var text in Records.Select(static r => r.TextData))
        {
            if (StepRecordText.Read(text, out var isWhole) is { } record)
            {
                // A longer time to live than ours would make the way back longer than promised: that is a change as well, for as long as there is a way back.
                var untouched = isWhole && Records.Count == 1 && HasSet(record.Split, published) && (record.Split.WeightY == 0 || record.IsCommitted || Ttl <= published.Ttl);
                return new ObservedTraffic(split, record, Tampered: !untouched);
            }
        }

        return new ObservedTraffic(split, null, Tampered: false);
    }

    public override string ToString() =>
        $"{string.Join(", ", Addresses.Select(static a => a.Address))} with {(Records.Count == 0 ? "no step record" : string.Join(" / ", Records.Select(static r => r.TextData)))}";

    private bool HasSet(TrafficSplit split, DnsName published) =>
        Addresses.All(a => published.Addresses.Families.Contains(a.Address.AddressFamily))
        && published.Addresses.Families.All(f => published.Addresses.For(split.WeightY, f) is { } set && set.ToHashSet().SetEquals(Of(f)));
}

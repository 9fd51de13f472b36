using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using ARSoft.Tools.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>A split and its step record as sets of records, and back.</summary>
internal static partial class PowerDnsRecords
{
    // A character string of DNS holds 255 bytes; longer scripts are put together from several.
    private const int LongestString = 250;

    /// <summary>Everything that is published for a record, including what must not be there.</summary>
    /// <remarks>All on one side is plain addresses, which need no script; anything between is one address for each lookup, chosen by a hash of who asks.</remarks>
    public static IReadOnlyList<PowerDnsRecordSet> For(TrafficRecord record, DnsName published)
    {
        var ttl = (int)published.Ttl.TotalSeconds;
        var isAll = record.Split.WeightY is 0 or 100;
        var families = published.Addresses.Families;
        return
        [
            Plain(AddressFamily.InterNetwork, "A"),
            Plain(AddressFamily.InterNetworkV6, "AAAA"),
            Set(published.Name, "LUA", isAll ? [] : families.Select(f => Script(record.Split, f, published.Addresses))),
            Set(published.RecordName, "TXT", [$"\"{StepRecordText.Write(record)}\""]),
        ];

        PowerDnsRecordSet Plain(AddressFamily family, string type) => Set(
            published.Name, type, isAll ? (record.Split.WeightY == 0 ? published.Addresses.X(family) : published.Addresses.Y(family)).Select(static a => a.ToString()) : []);

        PowerDnsRecordSet Set(DomainName name, string type, IEnumerable<string> contents)
        {
            PowerDnsRecord[] records = [.. contents.Select(static c => new PowerDnsRecord(c, Disabled: false))];
            return new PowerDnsRecordSet { Name = Canonical(name), Type = type, Ttl = records.Length > 0 ? ttl : null, Changetype = records.Length > 0 ? "REPLACE" : "DELETE", Records = records };
        }
    }

    /// <summary>Whether exactly that is published.</summary>
    public static bool Publish(IReadOnlyList<PowerDnsRecordSet> sets, TrafficRecord record, DnsName published) =>
        For(record, published).All(wanted => Of(sets, wanted.Name, wanted.Type) is var seen && wanted.Contents().SetEquals(seen?.Contents() ?? [])
            && (record.Split.WeightY == 0 || record.IsCommitted || seen?.Ttl is not { } ttl || ttl <= published.Ttl.TotalSeconds));

    /// <summary>Judges what is published.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> for a script that is not understood.</exception>
    public static ObservedTraffic Observe(IReadOnlyList<PowerDnsRecordSet> sets, DnsName published)
    {
        var name = Canonical(published.Name);
        var weight = 0;
        foreach (var type in new[] { "A", "AAAA" })
        {
            weight = Math.Max(weight, published.Addresses.WeightIn([.. (Of(sets, name, type)?.Contents() ?? []).Select(IPAddress.Parse)]));
        }

        foreach (var script in Of(sets, name, "LUA")?.Contents() ?? [])
        {
            weight = Math.Max(weight, WeightIn(script, published.Addresses) ?? throw TrafficFailures.Refused("PowerDNS", $"the LUA record of {published.Name} is not understood"));
        }

        var split = new TrafficSplit { WeightY = weight };
        foreach (var text in Of(sets, Canonical(published.RecordName), "TXT")?.Contents() ?? [])
        {
            if (StepRecordText.Read(text.Trim('"'), out var isWhole) is { } record)
            {
                return new ObservedTraffic(split, record, Tampered: !isWhole || !Publish(sets, record, published));
            }
        }

        return new ObservedTraffic(split, null, Tampered: false);
    }

    /// <summary>The set of one name and type; null when there is none.</summary>
    public static PowerDnsRecordSet? Of(IReadOnlyList<PowerDnsRecordSet> sets, string name, string type) =>
        sets.FirstOrDefault(s => s.Type == type && string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A name as the API writes it.</summary>
    public static string Canonical(DomainName name) => name.ToString().TrimEnd('.') + '.';

    // Y comes first and the sum never changes: so a growing share takes hashes from X and gives none back.
    private static string Script(TrafficSplit split, AddressFamily family, AddressSets addresses)
    {
        var (x, y) = (addresses.X(family), addresses.Y(family));
        var choices = y.Select(a => Choice(split.WeightY * x.Count, a)).Concat(x.Select(a => Choice(split.WeightX * y.Count, a)));
        var strings = new List<StringBuilder> { new("pickwhashed({") };
        foreach (var (choice, index) in choices.Select(static (c, i) => (c, i)))
        {
            var text = index == 0 ? choice : "," + choice;
            if (strings[^1].Length + text.Length > LongestString)
            {
                strings.Add(new StringBuilder());
            }

            strings[^1].Append(text);
        }

        strings[^1].Append("})");
        return $"{(family == AddressFamily.InterNetwork ? "A" : "AAAA")} {string.Join(' ', strings.Select(static s => $"\"{s}\""))}";
    }

    private static string Choice(int weight, IPAddress address) => string.Create(CultureInfo.InvariantCulture, $"{{{weight},'{address}'}}");

    private static int? WeightIn(string script, AddressSets addresses)
    {
        var (sum, other) = (0.0, 0.0);
        foreach (Match choice in ChoiceForm().Matches(script))
        {
            if (!IPAddress.TryParse(choice.Groups[2].Value, out var address))
            {
                return null;
            }

            var weight = double.Parse(choice.Groups[1].Value, CultureInfo.InvariantCulture);
            sum += weight;
            other += addresses.WeightIn([address]) > 0 ? weight : 0;
        }

        return sum > 0 ? (int)Math.Ceiling(100 * other / sum) : null;
    }

    [GeneratedRegex(@"\{\s*([0-9]+)\s*,\s*'([^']+)'\s*\}")]
    private static partial Regex ChoiceForm();
}

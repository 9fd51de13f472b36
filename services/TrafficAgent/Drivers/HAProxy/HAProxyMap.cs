using System.Globalization;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>The record as entries of a map of integers, and back.</summary>
internal static class HAProxyMap
{
    private const string Threshold = "y";
    private const string Epoch = "epoch";
    private const string Step = "step";
    private const string Seal = "seal";
    private const int Buckets = 10_000;
    private static readonly string[] Upgrade = ["upgrade0", "upgrade1", "upgrade2", "upgrade3"];

    /// <summary>Lines of <c>key value</c>, as in the map's file and in the payload of <c>add map</c>.</summary>
    public static string Write(TrafficRecord record)
    {
        var id = Convert.ToHexString(record.UpgradeId.ToByteArray(bigEndian: true));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Threshold} {record.Split.WeightY * Buckets / 100}\n{Epoch} {record.Epoch}\n{Step} {record.Step}\n{Seal} {record.Seal}\n");
        for (var i = 0; i < Upgrade.Length; i++)
        {
            // map_str_int takes integers only, so the id is four of them.
            text.Append(CultureInfo.InvariantCulture, $"{Upgrade[i]} {uint.Parse(id.AsSpan(i * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture)}\n");
        }

        return text.ToString();
    }

    /// <summary>Reads what <c>show map</c> answered: lines of reference, key and value.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when it is not a map of integers.</exception>
    public static ObservedTraffic Read(string shown)
    {
        var entries = new Dictionary<string, long>(StringComparer.Ordinal);
        var doubled = false;
        foreach (var line in shown.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 3 || !words[0].StartsWith("0x", StringComparison.Ordinal)
                || !long.TryParse(words[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                throw TrafficFailures.Refused("HAProxy", line);
            }

            // HAProxy decides by the first of several entries with one key.
            doubled |= !entries.TryAdd(words[1], value);
        }

        var threshold = entries.GetValueOrDefault(Threshold);
        var split = new TrafficSplit { WeightY = (int)Math.Clamp(Math.Ceiling(threshold * 100.0 / Buckets), 0, 100) };
        var record = RecordOf(entries, split);
        var whole = record is not null && !doubled && threshold == split.WeightY * Buckets / 100 && entries.GetValueOrDefault(Seal, -1) == record.Seal;
        return new ObservedTraffic(split, record, record is not null && !whole);
    }

    /// <summary>Reads the map's file: lines of key and value.</summary>
    public static ObservedTraffic ReadFile(string content) =>
        Read(string.Join('\n', content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static l => !l.StartsWith('#')).Select(static l => "0x0 " + l)));

    private static TrafficRecord? RecordOf(Dictionary<string, long> entries, TrafficSplit split)
    {
        Span<char> id = stackalloc char[32];
        for (var i = 0; i < Upgrade.Length; i++)
        {
            if (!entries.TryGetValue(Upgrade[i], out var part) || part is < 0 or > uint.MaxValue)
            {
                return null;
            }

            ((uint)part).TryFormat(id[(i * 8)..], out _, "x8", CultureInfo.InvariantCulture);
        }

        return new TrafficRecord
        {
            UpgradeId = Guid.ParseExact(id, "N"),
            Epoch = (int)Math.Clamp(entries.GetValueOrDefault(Epoch), 0, int.MaxValue),
            Step = (int)Math.Clamp(entries.GetValueOrDefault(Step), 0, int.MaxValue),
            Split = split,
        };
    }
}

using System.Globalization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>A record as the group of words that nginx's workers tell, and back; the same in both modes.</summary>
internal static class NginxMark
{
    private const string Prefix = "kum1";

    /// <summary>The record as words.</summary>
    public static string Write(TrafficRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix} {record.UpgradeId:N} {record.Epoch} {record.Step} {record.Split.WeightY} {record.Seal}");

    /// <summary>The record behind the words; null when it is none of ours or its seal is broken.</summary>
    public static TrafficRecord? Parse(string mark) => ParseUnsealed(mark) is { } record && Write(record) == mark.Trim() ? record : null;

    /// <summary>The record behind the words, whatever the seal says; null when it is none of ours.</summary>
    public static TrafficRecord? ParseUnsealed(string mark)
    {
        var words = mark.Trim().Split(' ');
        return words.Length == 6 && words[0] == Prefix
            && Guid.TryParseExact(words[1], "N", out var upgrade)
            && Number(words[2]) is { } epoch
            && Number(words[3]) is { } step
            && Number(words[4]) is { } weight and <= 100
                ? new TrafficRecord { UpgradeId = upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weight } }
                : null;
    }

    private static int? Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

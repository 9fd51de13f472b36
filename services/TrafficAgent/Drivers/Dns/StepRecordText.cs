using System.Globalization;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>The record as text of a TXT record, and back.</summary>
internal static partial class StepRecordText
{
    /// <summary>The text, readable for whoever looks with dig.</summary>
    public static string Write(TrafficRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"v=kum1 upgrade={record.UpgradeId:N} epoch={record.Epoch} step={record.Step} y={record.Split.WeightY} seal={record.Seal}");

    /// <summary>The record that a text holds; null when it is none of ours.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isWhole">False when somebody changed it: the record then tells only whose it once was.</param>
    public static TrafficRecord? Read(string text, out bool isWhole)
    {
        isWhole = false;
        if (Form().Match(text) is not { Success: true } match
            || !Guid.TryParseExact(match.Groups[1].Value, "N", out var upgrade)
            || !int.TryParse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !int.TryParse(match.Groups[3].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            || !int.TryParse(match.Groups[4].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) || weight > 100)
        {
            return null;
        }

        var record = new TrafficRecord { UpgradeId = upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weight } };
        isWhole = Write(record) == text;
        return record;
    }

    [GeneratedRegex("^v=kum1 upgrade=([0-9a-f]{32}) epoch=([0-9]+) step=([0-9]+) y=([0-9]+) seal=[0-9]+$")]
    private static partial Regex Form();
}

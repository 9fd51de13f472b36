using System.Globalization;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>The record as the included file, and back.</summary>
internal static partial class NginxSplitFile
{
    private const string Prefix = "kum1";

    /// <summary>The whole file. Y's bucket comes first: only then a growing share takes clients from X and gives none back.</summary>
    public static string Render(TrafficRecord record, NginxOptions options)
    {
        var buckets = record.Split.WeightY switch
        {
            0 => $"    * {options.UpstreamX};",
            100 => $"    * {options.UpstreamY};",
            var weight => $"    {weight}% {options.UpstreamY};\n    * {options.UpstreamX};",
        };
        return $$"""
            # Written by the traffic agent of Kong Upgrade Mesh; changes by hand are noticed and stop the upgrade.
            split_clients "{{options.Key}}" $kum_upstream {
            {{buckets}}
            }
            map $kum_upstream $kum_side {
                {{options.UpstreamY}} y;
                default x;
            }
            map "" $kum_generation {
                default "{{Generation(record)}}";
            }

            """;
    }

    /// <summary>The record as one word group, as workers tell it.</summary>
    public static string Generation(TrafficRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix} {record.UpgradeId:N} {record.Epoch} {record.Step} {record.Split.WeightY} {record.Seal}");

    /// <summary>The record that a worker told; null when it is none of ours.</summary>
    public static TrafficRecord? Parse(string generation)
    {
        var words = generation.Trim().Split(' ');
        if (words.Length != 6 || words[0] != Prefix
            || !Guid.TryParseExact(words[1], "N", out var upgrade)
            || !int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            || !int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var weight) || weight > 100)
        {
            return null;
        }

        var record = new TrafficRecord { UpgradeId = upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weight } };
        return Generation(record) == generation.Trim() ? record : null;
    }

    /// <summary>The record that a file claims to hold; null when there is none.</summary>
    public static TrafficRecord? RecordIn(string content) => GenerationLine().Match(content) is { Success: true } match ? Parse(match.Groups[1].Value) : null;

    /// <summary>The share that a file gives to Y, whoever wrote it, rounded up; null when it cannot be told.</summary>
    public static int? WeightIn(string content, NginxOptions options)
    {
        var block = SplitBlock().Match(content);
        if (!block.Success)
        {
            return null;
        }

        var (weight, rest) = (0.0, 100.0);
        foreach (Match bucket in Bucket().Matches(block.Groups[1].Value))
        {
            var share = bucket.Groups[1].Value == "*" ? rest : double.Parse(bucket.Groups[1].Value.TrimEnd('%'), CultureInfo.InvariantCulture);
            rest -= share;
            weight += bucket.Groups[2].Value == options.UpstreamX ? 0 : share;
        }

        return rest is > -0.001 and < 0.001 ? (int)Math.Clamp(Math.Ceiling(weight), 0, 100) : null;
    }

    [GeneratedRegex("default \"([^\"]*)\";")]
    private static partial Regex GenerationLine();

    [GeneratedRegex(@"split_clients\s[^{]*\{([^}]*)\}")]
    private static partial Regex SplitBlock();

    [GeneratedRegex(@"(\*|[0-9.]+%)\s+([^\s;]+);")]
    private static partial Regex Bucket();
}

using System.Globalization;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>The record as the included file, and back.</summary>
internal static partial class NginxSplitFile
{
    private const string Grace = NginxDump.Grace + " 1s;\n";

    /// <summary>The whole file. Y's bucket comes first: only then a growing share takes clients from X and gives none back.</summary>
    /// <param name="record">What it puts in force.</param>
    /// <param name="options">Names and key.</param>
    /// <param name="withGrace">Whether it also has old workers wait for requests that are on their way; nginx knows that since 1.27.4.</param>
    public static string Render(TrafficRecord record, NginxReloadOptions options, bool withGrace)
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
                default "{{NginxMark.Write(record)}}";
            }
            map "" $kum_open {
                default {{(record.Split.WeightY > 0 ? 1 : 0)}};
            }
            {{(withGrace ? Grace : "")}}
            """;
    }

    /// <summary>Whether the file has old workers wait for requests that are on their way.</summary>
    public static bool HasGrace(string content) => content.EndsWith(Grace, StringComparison.Ordinal);

    /// <summary>Whether the file is the record's, to the letter.</summary>
    public static bool Is(string content, TrafficRecord record, NginxReloadOptions options) => content == Render(record, options, HasGrace(content));

    /// <summary>The record that a file claims to hold; null when there is none.</summary>
    public static TrafficRecord? RecordIn(string content) => GenerationLine().Match(content) is { Success: true } match ? NginxMark.Parse(match.Groups[1].Value) : null;

    /// <summary>The share that a file gives to Y, whoever wrote it, rounded up; null when it cannot be told.</summary>
    public static int? WeightIn(string content, NginxReloadOptions options)
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

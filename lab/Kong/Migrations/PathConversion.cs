using System.Text;
using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>What 3.0 makes of a route path of 2.x: plain paths are percent-decoded, regular expressions are decoded and marked with <c>~</c>.</summary>
internal static partial class PathConversion
{
    private const string Reserved = ":/?#[]@!$&'()*+,;=%";
    private const string RegexMeta = "\\^$.|?*+()[]{}";

    /// <summary>Whether 2.x takes the path for a regular expression: it holds anything but letters, digits and <c>. - _ ~ / %</c>.</summary>
    public static bool IsRegexIn28(string path) => !PlainPath().IsMatch(path);

    public static string Convert(string path)
    {
        if (path.StartsWith('~'))
        {
            return path;
        }

        return IsRegexIn28(path) ? "~" + Decode(path, regex: true) : RemoveDotSegments(Decode(path, regex: false));
    }

    /// <summary>Decodes <c>%XX</c> except for reserved characters, which stay encoded in upper case.</summary>
    public static string Decode(string path, bool regex)
    {
        if (!path.Contains('%', StringComparison.Ordinal))
        {
            return path;
        }

        var bytes = new List<byte>(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && Uri.IsHexDigit(path[i + 1]) && Uri.IsHexDigit(path[i + 2]))
            {
                var value = System.Convert.ToByte(path.Substring(i + 1, 2), 16);
                var character = (char)value;
                if (value < 128 && Reserved.Contains(character, StringComparison.Ordinal))
                {
                    bytes.AddRange(Encoding.ASCII.GetBytes("%" + path.Substring(i + 1, 2).ToUpperInvariant()));
                }
                else
                {
                    // A decoded meta character would change the meaning of the expression.
                    if (regex && value < 128 && RegexMeta.Contains(character, StringComparison.Ordinal))
                    {
                        bytes.Add((byte)'\\');
                    }

                    bytes.Add(value);
                }

                i += 2;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(path, i, 1));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string RemoveDotSegments(string path)
    {
        if (!path.Contains("/.", StringComparison.Ordinal) && !path.Contains("//", StringComparison.Ordinal))
        {
            return path;
        }

        var kept = new List<string>();
        var segments = path.Split('/');
        foreach (var segment in segments.Skip(1))
        {
            switch (segment)
            {
                case "..":
                    if (kept.Count > 0)
                    {
                        kept.RemoveAt(kept.Count - 1);
                    }

                    break;
                case "." or "":
                    break;
                default:
                    kept.Add(segment);
                    break;
            }
        }

        var trailing = kept.Count > 0 && segments[^1] is "" or "." or ".." ? "/" : "";
        return "/" + string.Join('/', kept) + trailing;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9.\-_~/%]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainPath();
}

using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.Tests.Migrations;

/// <summary>Reads texts of <c>pg_dump</c> so that two of them can be compared.</summary>
public static partial class DumpText
{
    /// <summary>The statements that make the schema, without comments, owners, grants and session settings.</summary>
    public static IReadOnlyList<string> Schema(string dump)
    {
        var lines = dump.Split('\n').Where(l => l.Length > 0 && !l.StartsWith("--", StringComparison.Ordinal) && !l.StartsWith('\\'));
        var statements = string.Join('\n', lines).Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. statements.Select(s => s.TrimEnd(';')).Where(s => !Ignored().IsMatch(s)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Rows by table, each as "column=value" pairs.</summary>
    public static Dictionary<string, List<string>> Rows(string dump, IReadOnlySet<string> without)
    {
        var tables = new Dictionary<string, List<string>>();
        List<string>? current = null;
        string[] columns = [];
        foreach (var line in dump.Split('\n'))
        {
            if (Copy().Match(line) is { Success: true } copy)
            {
                tables[copy.Groups[1].Value] = current = [];
                columns = copy.Groups[2].Value.Split(", ");
            }
            else if (line == "\\.")
            {
                current = null;
            }
            else
            {
                current?.Add(string.Join('\t', line.Split('\t').Zip(columns).Where(v => !without.Contains(v.Second)).Select(v => $"{v.Second}={v.First}")));
            }
        }

        return tables;
    }

    [GeneratedRegex(@"^(SET |SELECT pg_catalog|ALTER (TABLE|FUNCTION|SCHEMA) .* OWNER|GRANT |COMMENT )", RegexOptions.CultureInvariant)]
    private static partial Regex Ignored();

    [GeneratedRegex(@"^COPY public\.(\w+) \((.*)\) FROM stdin;$", RegexOptions.CultureInvariant)]
    private static partial Regex Copy();
}

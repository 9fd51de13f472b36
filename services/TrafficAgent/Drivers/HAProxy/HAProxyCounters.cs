using System.Globalization;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>What <c>show stat</c> says of the two sides.</summary>
/// <param name="RequestsX">Requests given to X since HAProxy started; null when it is not there.</param>
/// <param name="RequestsY">The same of Y.</param>
/// <param name="ServersX">X's servers, as <c>backend/server</c>.</param>
/// <param name="ServersY">Y's servers.</param>
internal sealed record HAProxyCounters(long? RequestsX, long? RequestsY, IReadOnlyList<string> ServersX, IReadOnlyList<string> ServersY)
{
    /// <summary>Reads the CSV.</summary>
    public static HAProxyCounters Read(string csv, HAProxyOptions options)
    {
        var (rows, total) = Rows(csv, "stot", options);
        if (options.Weights is { } weights)
        {
            var (x, y) = (Named(rows, weights.Backend, weights.ServersX), Named(rows, weights.Backend, weights.ServersY));
            return new HAProxyCounters(Sum(x, total), Sum(y, total), Names(x), Names(y));
        }

        return new HAProxyCounters(
            Requests(rows, options.BackendX, total),
            Requests(rows, options.BackendY, total),
            Names(rows.Where(r => r[0] == options.BackendX && r[1] is not ("BACKEND" or "FRONTEND"))),
            Names(rows.Where(r => r[0] == options.BackendY && r[1] is not ("BACKEND" or "FRONTEND"))));
    }

    /// <summary>Every row, to be asked for the value of a column; empty where this HAProxy does not have it.</summary>
    public static IEnumerable<Func<string, string>> Table(string csv, HAProxyOptions options)
    {
        var (columns, lines) = Lines(csv, options);
        return lines.Select(row => (Func<string, string>)(column => Array.IndexOf(columns, column) is >= 0 and var at && at < row.Length ? row[at] : ""));
    }

    /// <summary>The weight of a server; drain and maintenance leave it as it is.</summary>
    public static int WeightOf(string csv, string server, HAProxyOptions options)
    {
        var (rows, weight) = Rows(csv, "weight", options);
        return rows.FirstOrDefault(r => $"{r[0]}/{r[1]}" == server) is { } row && int.TryParse(row[weight], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"no weight of server {server}");
    }

    private static (List<string[]> Rows, int Column) Rows(string csv, string column, HAProxyOptions options)
    {
        var (columns, rows) = Lines(csv, options);
        var wanted = Array.IndexOf(columns, column);
        return wanted >= 0 ? (rows.FindAll(r => r.Length > wanted), wanted) : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"statistics without {column}");
    }

    private static (string[] Columns, List<string[]> Rows) Lines(string csv, HAProxyOptions options)
    {
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 0 && lines[0].StartsWith("# pxname,svname,", StringComparison.Ordinal)
            ? (lines[0][2..].Split(','), [.. lines.Skip(1).Select(Fields)])
            : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", lines.Length > 0 ? lines[0] : "an empty answer to show stat");
    }

    // What a check answered stands in quotes and may have commas of its own.
    private static string[] Fields(string line)
    {
        var (fields, quoted, start) = (new List<string>(), false, 0);
        for (var i = 0; i < line.Length; i++)
        {
            quoted ^= line[i] == '"';
            if (line[i] == ',' && !quoted)
            {
                fields.Add(line[start..i]);
                start = i + 1;
            }
        }

        fields.Add(line[start..]);
        return [.. fields];
    }

    private static long? Requests(List<string[]> rows, string backend, int total) =>
        rows.Where(r => r[0] == backend && r[1] == "BACKEND").Select(r => (long?)long.Parse(r[total], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static List<string[]> Named(List<string[]> rows, string backend, IReadOnlyList<string> servers) => rows.FindAll(r => r[0] == backend && servers.Contains(r[1]));

    private static long? Sum(List<string[]> rows, int total) => rows.Count == 0 ? null : rows.Sum(r => long.Parse(r[total], CultureInfo.InvariantCulture));

    private static List<string> Names(IEnumerable<string[]> rows) => [.. rows.Select(static r => $"{r[0]}/{r[1]}")];
}

using System.Globalization;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>What <c>show stat</c> says of the two backends.</summary>
/// <param name="RequestsX">Requests given to X since HAProxy started; null when there is no such backend.</param>
/// <param name="RequestsY">The same of Y.</param>
/// <param name="ServersX">Names of X's servers.</param>
/// <param name="ServersY">Names of Y's servers.</param>
internal sealed record HAProxyCounters(long? RequestsX, long? RequestsY, IReadOnlyList<string> ServersX, IReadOnlyList<string> ServersY)
{
    /// <summary>Reads the CSV.</summary>
    public static HAProxyCounters Read(string csv, HAProxyOptions options)
    {
        var (rows, total) = Rows(csv, "stot", options);
        return new HAProxyCounters(
            Requests(rows, options.BackendX, total),
            Requests(rows, options.BackendY, total),
            Servers(rows, options.BackendX),
            Servers(rows, options.BackendY));
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
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines.Length > 0 && lines[0].StartsWith("# ", StringComparison.Ordinal) ? lines[0][2..].Split(',') : [];
        var wanted = Array.IndexOf(columns, column);
        if (wanted < 0 || Array.IndexOf(columns, "pxname") != 0 || Array.IndexOf(columns, "svname") != 1)
        {
            throw TrafficFailures.Refused($"HAProxy at {options.Socket}", lines.Length > 0 ? lines[0] : "an empty answer to show stat");
        }

        return (lines.Skip(1).Select(static l => l.Split(',')).Where(r => r.Length > wanted).ToList(), wanted);
    }

    private static long? Requests(List<string[]> rows, string backend, int total) =>
        rows.Where(r => r[0] == backend && r[1] == "BACKEND").Select(r => (long?)long.Parse(r[total], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static List<string> Servers(List<string[]> rows, string backend) =>
        [.. rows.Where(r => r[0] == backend && r[1] is not ("BACKEND" or "FRONTEND")).Select(static r => r[1])];
}

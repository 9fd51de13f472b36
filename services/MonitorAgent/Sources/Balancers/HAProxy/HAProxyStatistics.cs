using System.Globalization;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.HAProxy;

/// <summary>Reads the CSV of <c>show stat</c>: the totals of two backends.</summary>
internal static class HAProxyStatistics
{
    private const int MostColumns = 1000;

    // Largest whole number that a double holds exactly.
    private const long MostCounted = 1L << 53;

    private static readonly string[] Classes = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"];

    /// <summary>Reads; whatever is not exactly what HAProxy writes is a problem, never a zero.</summary>
    public static BalancerReading Read(string csv, string backendX, string backendY)
    {
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var columns = lines.Length > 0 && lines[0].StartsWith("# pxname,svname,", StringComparison.Ordinal) ? lines[0][2..].Split(',', MostColumns) : [];
        if (columns.Length == 0)
        {
            return BalancerReading.Failed("the answer is no table of show stat");
        }

        try
        {
            var rows = lines.Skip(1).Select(static line => line.Split(',', MostColumns)).Where(static row => row.Length > 1 && row[1] == "BACKEND").ToList();
            return new BalancerReading(Totals(columns, rows, backendX), Totals(columns, rows, backendY));
        }
        catch (FormatException exception)
        {
            return BalancerReading.Failed(exception.Message);
        }
    }

    private static BalancerTally Totals(string[] columns, List<string[]> rows, string backend)
    {
        var found = rows.FindAll(r => r[0] == backend);
        if (found.Count != 1)
        {
            throw new FormatException(found.Count == 0 ? $"there is no backend {backend}" : $"there are {found.Count} backends {backend}");
        }

        double Count(string column)
        {
            var index = Array.IndexOf(columns, column);
            var text = index >= 0 && index < found[0].Length ? found[0][index] : "";
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MostCounted
                ? count
                : throw new FormatException(text.Length == 0 ? $"backend {backend} does not count {column}; it must be in mode http" : $"{column} of backend {backend} is no count");
        }

        return new BalancerTally(Classes.Sum(Count), Count("hrsp_5xx"), Count("hrsp_4xx"), Count("econ"), Count("eresp"), Count("wretr"), Count("wredis"));
    }
}

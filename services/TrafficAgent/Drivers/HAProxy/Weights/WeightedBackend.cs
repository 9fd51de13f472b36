using System.Globalization;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>The backend as it is right now.</summary>
internal sealed class WeightedBackend
{
    private const string Header = "# be_id ";
    private const string WeightColumn = "srv_uweight";

    private readonly HAProxyWeightsOptions _options;
    private readonly string[] _columns;
    private readonly List<string[]> _rows;

    private WeightedBackend(HAProxyWeightsOptions options, HAProxyProcess process, string[] columns, List<string[]> rows)
    {
        (_options, Process, _columns, _rows) = (options, process, columns, rows);
        var all = rows.ConvertAll(Server);
        X = [.. all.Where(s => options.ServersX.Contains(s.Name))];
        Y = [.. all.Where(s => options.ServersY.Contains(s.Name))];
        Others = [.. all.Except(X).Except(Y)];
    }

    /// <summary>The command whose answer is read.</summary>
    public static string Question(HAProxyWeightsOptions options) => $"show info;show servers state {options.Backend}";

    /// <summary>The life of HAProxy that answered.</summary>
    public HAProxyProcess Process { get; }

    /// <summary>Cluster X's servers that are there.</summary>
    public IReadOnlyList<WeightedServer> X { get; }

    /// <summary>Cluster Y's servers that are there.</summary>
    public IReadOnlyList<WeightedServer> Y { get; }

    /// <summary>Servers of neither.</summary>
    public IReadOnlyList<WeightedServer> Others { get; }

    /// <summary>The weights of both sides by name of the server.</summary>
    public IReadOnlyDictionary<string, int> Weights => X.Concat(Y).ToDictionary(static s => s.Name, static s => s.Weight);

    /// <summary>Reads the answer to <see cref="Question"/>.</summary>
    public static WeightedBackend Read(string answer, HAProxyOptions options, HAProxyWeightsOptions weights, TimeProvider clock)
    {
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var header = Array.FindIndex(lines, static l => l.StartsWith(Header, StringComparison.Ordinal));
        if (header < 0 || Number(lines, "Pid") is not { } pid || Number(lines, "Uptime_sec") is not { } age)
        {
            throw TrafficFailures.Refused($"HAProxy at {options.Socket}", lines.LastOrDefault() ?? "");
        }

        var columns = lines[header][2..].Split(' ');
        var rows = lines.Skip(header + 1).Select(static l => l.Split(' ')).Where(r => r.Length >= columns.Length && r[1] == weights.Backend).ToList();
        try
        {
            return new WeightedBackend(weights, new HAProxyProcess(pid, clock.GetUtcNow().AddSeconds(-age)), columns, rows);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw TrafficFailures.Refused($"HAProxy at {options.Socket}", lines[header], exception);
        }
    }

    /// <summary>The weights that put a split in force on the servers that are there.</summary>
    /// <exception cref="Contracts.StepFailedException">The split cannot be expressed.</exception>
    public IReadOnlyDictionary<string, int> WeightsFor(int weightY)
    {
        if (weightY is 0 or 100)
        {
            // As configured where that says something, so that a HAProxy that starts after a restore has it in force at once.
            var unweighted = X.All(static s => s.Initial == 0);
            var full = unweighted ? 1 : X.Max(static s => s.Initial);
            return Give(s => weightY == 100 ? 0 : unweighted ? 1 : s.Initial, _ => weightY == 0 ? 0 : full);
        }

        return _options.Plan.Find(weightY) is { } found
            ? Give(_ => found.X, _ => found.Y)
            : throw TrafficFailures.Cannot([$"{weightY} % cannot be set with {_options.ServersX.Count} servers of X and {_options.ServersY.Count} of Y."]);
    }

    /// <summary>Whether these weights are set.</summary>
    public bool Has(IReadOnlyDictionary<string, int> weights) => Weights is var set && set.Count == weights.Count && set.All(s => weights.TryGetValue(s.Key, out var w) && w == s.Value);

    /// <summary>Whether all weights are those of the configuration.</summary>
    public bool IsAsConfigured => X.Concat(Y).All(static s => s.Weight == s.Initial);

    /// <summary>Whether a server of either side gets nothing whatever its weight is.</summary>
    public bool HasServersOut => X.Concat(Y).Any(static s => s.IsOut);

    /// <summary>Y's share of the weights of servers that are in service, 0 to 1; null when none of them has any weight.</summary>
    public double? ShareY() => ShareY(Weights);

    /// <summary>What the share would be with other weights.</summary>
    public double? ShareY(IReadOnlyDictionary<string, int> weights)
    {
        var (x, y) = (X.Where(static s => !s.IsOut).Sum(s => weights[s.Name]), Y.Where(static s => !s.IsOut).Sum(s => weights[s.Name]));
        return x + y == 0 ? null : (double)y / (x + y);
    }

    /// <summary>What the server state file must hold so that a HAProxy that starts has these weights.</summary>
    public string StateWith(IReadOnlyDictionary<string, int> weights)
    {
        var (name, weight) = (Column("srv_name"), Column(WeightColumn));
        var rows = _rows.Select(r => string.Join(' ', r.Select((value, i) =>
            i == weight && weights.TryGetValue(r[name], out var wanted) ? wanted.ToString(CultureInfo.InvariantCulture) : value)));
        return $"1\n# {string.Join(' ', _columns)}\n{string.Join('\n', rows)}\n";
    }

    private static int? Number(string[] lines, string key) =>
        lines.FirstOrDefault(l => l.StartsWith(key + ": ", StringComparison.Ordinal)) is { } line
            && int.TryParse(line.AsSpan(key.Length + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private Dictionary<string, int> Give(Func<WeightedServer, int> x, Func<WeightedServer, int> y) =>
        X.Select(s => (s.Name, Weight: x(s))).Concat(Y.Select(s => (s.Name, Weight: y(s)))).ToDictionary(static s => s.Name, static s => s.Weight);

    private WeightedServer Server(string[] row) => new(
        row[Column("srv_name")],
        int.Parse(row[Column(WeightColumn)], CultureInfo.InvariantCulture),
        int.Parse(row[Column("srv_iweight")], CultureInfo.InvariantCulture),
        int.Parse(row[Column("srv_admin_state")], CultureInfo.InvariantCulture) != 0);

    private int Column(string name) => Array.IndexOf(_columns, name) is >= 0 and var at ? at : throw new FormatException($"no column {name}");
}

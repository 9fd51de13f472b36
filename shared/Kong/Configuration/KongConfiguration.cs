namespace KongUpgradeMesh.Kong.Configuration;

/// <summary>What was set explicitly for a Kong node, in kong.conf or in <c>KONG_*</c> variables; defaults are not in it.</summary>
public sealed class KongConfiguration
{
    private const string VariablePrefix = "KONG_";

    // Variables that begin like settings but are none: Kong's own plumbing and its installer's.
    private static readonly HashSet<string> NotSettings = ["conf", "version", "nginx_conf", "license_data", "license_path", "password", "admin_token"];

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    private KongConfiguration()
    {
    }

    /// <summary>Nothing is set.</summary>
    public static KongConfiguration Empty { get; } = new();

    /// <summary>Names of the settings, lower case, in order.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>The value that was set, or null when the default applies. May hold a secret: never log it.</summary>
    /// <param name="key">Name as in kong.conf, for example <c>pg_host</c>.</param>
    public string? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>Merges file and environment as Kong does: a variable wins over the file.</summary>
    /// <param name="conf">Text of kong.conf; null when there is none.</param>
    /// <param name="environment">Variables of the node; others than <c>KONG_*</c> are ignored.</param>
    public static KongConfiguration Merge(string? conf, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var merged = new KongConfiguration();
        foreach (var (key, value) in ReadFile(conf ?? ""))
        {
            merged._values[key] = value;
        }

        foreach (var (name, value) in environment.Where(static v => v.Key.StartsWith(VariablePrefix, StringComparison.Ordinal)))
        {
            merged._values[name[VariablePrefix.Length..].ToLowerInvariant()] = value;
        }

        foreach (var name in NotSettings)
        {
            merged._values.Remove(name);
        }

        return merged;
    }

    /// <summary>Whether a setting is switched on.</summary>
    /// <param name="key">Name as in kong.conf.</param>
    public bool IsOn(string key) => this[key] is { } value && value.ToLowerInvariant() is "on" or "true" or "yes" or "1";

    private static IEnumerable<(string Key, string Value)> ReadFile(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var content = WithoutComment(line);
            var equals = content.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                yield return (content[..equals].Trim().ToLowerInvariant(), Unquoted(content[(equals + 1)..].Trim()));
            }
        }
    }

    // "#" begins a comment anywhere in the line unless it is escaped.
    private static string WithoutComment(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '#' && (i == 0 || line[i - 1] != '\\'))
            {
                return line[..i].Replace("\\#", "#", StringComparison.Ordinal);
            }
        }

        return line.Replace("\\#", "#", StringComparison.Ordinal);
    }

    private static string Unquoted(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}

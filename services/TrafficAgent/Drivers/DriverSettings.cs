using System.Globalization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>Reads a driver's settings from the spec and collects everything that is wrong with them.</summary>
public sealed class DriverSettings(IReadOnlyDictionary<string, string> values)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>A setting that must be there.</summary>
    public string Required(string key)
    {
        var value = Find(key);
        if (string.IsNullOrWhiteSpace(value))
        {
            Wrong(key, "is required");
        }

        return value ?? "";
    }

    /// <summary>A setting with a default.</summary>
    public string Optional(string key, string otherwise) => Find(key) is { Length: > 0 } value ? value : otherwise;

    /// <summary>A secret that must be there. Only a reference is taken: the spec itself crosses the bus and is kept.</summary>
    public string Secret(string key)
    {
        if (values.GetValueOrDefault(key) is { Length: > 0 } text && !SecretReference.IsReference(text))
        {
            _known.Add(key);
            Wrong(key, "holds the secret itself; give env:NAME or file:/path instead");
            return "";
        }

        return Required(key);
    }

    /// <summary>A duration as <c>hh:mm:ss</c>, or a number with <c>ms</c> or <c>s</c>.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (Find(key) is not { Length: > 0 } text)
        {
            return otherwise;
        }

        if (TryParse(text, out var value) && value >= least && value <= most)
        {
            return value;
        }

        Wrong(key, $"is \"{text}\"; a duration from {least} to {most} is needed, such as 500ms, 2s or 00:00:02");
        return otherwise;
    }

    /// <summary>A whole number.</summary>
    public int Number(string key, int otherwise, int least, int most)
    {
        if (Find(key) is not { Length: > 0 } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        Wrong(key, $"is \"{text}\"; a whole number from {least} to {most} is needed");
        return otherwise;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Switch(string key, bool otherwise)
    {
        if (Find(key) is not { Length: > 0 } text)
        {
            return otherwise;
        }

        if (!bool.TryParse(text, out var value))
        {
            Wrong(key, $"is \"{text}\"; true or false is needed");
        }

        return value;
    }

    /// <summary>A secret with a default of none; only a reference (<c>env:NAME</c>, <c>file:/path</c>) is right, since the spec itself crosses the bus and is stored.</summary>
    public string? OptionalSecret(string key)
    {
        if (values.GetValueOrDefault(key) is { Length: > 0 } text && !SecretReference.IsReference(text))
        {
            Wrong(key, "must be a reference such as env:NAME or file:/run/secrets/name, never the secret itself");
        }

        return Find(key) is { Length: > 0 } value ? value : null;
    }

    /// <summary>The names behind a prefix: of <c>header.X-Key</c> with the prefix <c>header.</c>, <c>X-Key</c>. Each is read on its own, by its whole key.</summary>
    public IReadOnlyList<string> NamesBehind(string prefix) =>
        [.. values.Keys.Where(k => k.Length > prefix.Length && k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>Whether a setting is given as a reference to a secret.</summary>
    public bool IsSecret(string key) => values.GetValueOrDefault(key) is { } text && SecretReference.IsReference(text);

    /// <summary>Notes that a setting breaks a rule.</summary>
    public void Wrong(string key, string why) => _problems.Add($"traffic.settings.{key} {why}.");

    /// <summary>Ends the reading; settings that nobody asked for are wrong too, since a misspelt one would silently be the default.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SpecInvalid"/> with every problem.</exception>
    public void ThrowIfWrong()
    {
        foreach (var key in values.Keys.Where(k => !_known.Contains(k)).Order(StringComparer.Ordinal))
        {
            Wrong(key, $"is not known; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }

        if (_problems.Count > 0)
        {
            throw TrafficFailures.SettingsInvalid(_problems);
        }
    }

    private static bool TryParse(string text, out TimeSpan value)
    {
        var (unit, digits) = text.EndsWith("ms", StringComparison.Ordinal) ? (0.001, text[..^2]) : text.EndsWith('s') ? (1.0, text[..^1]) : (0, text);
        if (unit > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 1e9)
        {
            value = TimeSpan.FromSeconds(number * unit);
            return true;
        }

        return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value);
    }

    private string? Find(string key)
    {
        _known.Add(key);
        try
        {
            return SecretReference.ResolveOptional(values.GetValueOrDefault(key));
        }
        catch (StepFailedException exception)
        {
            Wrong(key, exception.Failure.Message);
            return null;
        }
    }
}

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>The settings of one source of a spec, of which everything that is wrong is noted.</summary>
/// <param name="settings">As they stand in the spec.</param>
/// <param name="wrong">Takes the name of a setting and what is wrong with it.</param>
internal sealed class SourceSettings(IReadOnlyDictionary<string, string> settings, Action<string, string> wrong)
{
    /// <summary>Notes that a setting is wrong.</summary>
    public void Wrong(string key, string why) => wrong(key, why);

    /// <summary>Notes each setting that the kind does not have.</summary>
    public void RejectUnknown(params string[] known)
    {
        foreach (var key in settings.Keys.Except(known).Order(StringComparer.Ordinal))
        {
            wrong(key, $"is not known here; known are {string.Join(", ", known.Order(StringComparer.Ordinal))}");
        }
    }

    /// <summary>A setting that must be there; empty where it is not, which is noted.</summary>
    public string Required(string key)
    {
        var value = Optional(key);
        if (!string.IsNullOrWhiteSpace(value))
        {
            return value;
        }

        wrong(key, "is missing");
        return "";
    }

    /// <summary>A setting that may be left out; null then.</summary>
    public string? Optional(string key) => settings.GetValueOrDefault(key);
}

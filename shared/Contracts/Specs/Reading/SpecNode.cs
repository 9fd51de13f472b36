using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Upgrades;

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>One object of a spec while it is read: every wrong field becomes a problem with its path, and reading goes on.</summary>
/// <remarks>A deserializer would stop at the first wrong field; an operator wants them all at once.</remarks>
internal sealed class SpecNode(JsonElement element, string path, List<SpecProblem> problems)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string Path => path;

    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    public void Problem(string field, string message) => problems.Add(new SpecProblem { Path = PathOf(field), Message = message });

    public string Text(string field, string? missing = null, Regex? pattern = null, string? rule = null)
    {
        if (!TryGet(field, out var value))
        {
            return missing ?? Missing(field, "");
        }

        if (value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(value.GetString()))
        {
            // A version such as 3.10 is a number to YAML, and 3.1 to whoever reads that number.
            Problem(field, value.ValueKind == JsonValueKind.Number ? "must be text; put it in quotes" : "must be text that is not empty");
            return missing ?? "";
        }

        var text = value.GetString()!;
        if (pattern is not null && !pattern.IsMatch(text))
        {
            Problem(field, $"'{text}' is not valid: {rule}");
        }

        return text;
    }

    public string? OptionalText(string field) => TryGet(field, out _) ? Text(field) : null;

    public int Integer(string field, int? missing, int minimum, int maximum)
    {
        if (!TryGet(field, out var value))
        {
            return missing ?? Missing(field, 0);
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        Problem(field, $"must be a whole number from {minimum} to {maximum}");
        return missing ?? 0;
    }

    public double Number(string field, double missing, double minimum, double maximum)
    {
        if (!TryGet(field, out var value))
        {
            return missing;
        }

        if (value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && number >= minimum && number <= maximum)
        {
            return number;
        }

        Problem(field, string.Create(CultureInfo.InvariantCulture, $"must be a number from {minimum} to {maximum}"));
        return missing;
    }

    public bool Flag(string field, bool missing)
    {
        if (!TryGet(field, out var value))
        {
            return missing;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Problem(field, "must be true or false");
        return missing;
    }

    public TimeSpan Duration(string field, TimeSpan missing, TimeSpan minimum, TimeSpan maximum)
    {
        if (!TryGet(field, out var value))
        {
            return missing;
        }

        if (value.ValueKind == JsonValueKind.String && DurationText.TryParse(value.GetString()!, out var duration) && duration >= minimum && duration <= maximum)
        {
            return duration;
        }

        Problem(field, $"must be a duration from {DurationText.Format(minimum)} to {DurationText.Format(maximum)}, such as 250ms, 10s, 5m, 2h, 1d or 00:00:10");
        return missing;
    }

    public TEnum Choice<TEnum>(string field, TEnum missing)
        where TEnum : struct, Enum
    {
        if (!TryGet(field, out var value))
        {
            return missing;
        }

        if (value.ValueKind == JsonValueKind.String && Enum.TryParse<TEnum>(value.GetString(), ignoreCase: true, out var choice) && Enum.IsDefined(choice))
        {
            return choice;
        }

        Problem(field, $"must be one of {string.Join(", ", Enum.GetNames<TEnum>().Select(JsonNamingPolicy.CamelCase.ConvertName))}");
        return missing;
    }

    public Uri? Address(string field, bool required)
    {
        if (!TryGet(field, out var value))
        {
            return required ? Missing<Uri?>(field, null) : null;
        }

        if (value.ValueKind == JsonValueKind.String && Uri.TryCreate(value.GetString(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        Problem(field, "must be an address such as http://10.0.0.5:8001");
        return null;
    }

    public IReadOnlyDictionary<string, string> Texts(string field)
    {
        var texts = new Dictionary<string, string>();
        if (Section(field, required: false) is not { } section)
        {
            return texts;
        }

        foreach (var property in section.Properties())
        {
            if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            {
                texts[property.Name] = property.Value.ToString();
            }
            else
            {
                section.Problem(property.Name, "must be text");
            }
        }

        return texts;
    }

    /// <summary>The object below <paramref name="field"/>; null (and a problem when required) when it is missing or no object.</summary>
    public SpecNode? Section(string field, bool required)
    {
        if (!TryGet(field, out var value))
        {
            if (required)
            {
                Missing(field, 0);
            }

            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new SpecNode(value, PathOf(field), problems);
        }

        Problem(field, "must be an object");
        return null;
    }

    public IReadOnlyList<SpecNode> Sections(string field, bool required)
    {
        var items = Items(field, required);
        var nodes = new List<SpecNode>(items.Count);
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index].ValueKind == JsonValueKind.Object)
            {
                nodes.Add(new SpecNode(items[index], $"{PathOf(field)}[{index}]", problems));
            }
            else
            {
                Problem($"{field}[{index}]", "must be an object");
            }
        }

        return nodes;
    }

    public IReadOnlyList<int> Integers(string field, IReadOnlyList<int> missing, int minimum, int maximum)
    {
        if (!TryGet(field, out _))
        {
            return missing;
        }

        var numbers = new List<int>();
        var items = Items(field, required: true);
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index].ValueKind == JsonValueKind.Number && items[index].TryGetInt32(out var number) && number >= minimum && number <= maximum)
            {
                numbers.Add(number);
            }
            else
            {
                Problem($"{field}[{index}]", $"must be a whole number from {minimum} to {maximum}");
            }
        }

        return numbers;
    }

    public IReadOnlyList<string> TextList(string field)
    {
        var items = Items(field, required: false);
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index].ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(items[index].GetString()))
            {
                Problem($"{field}[{index}]", "must be text that is not empty");
            }
        }

        return [.. items.Select(static i => i.ValueKind == JsonValueKind.String ? i.GetString()!.Trim() : "")];
    }

    /// <summary>Reports every field that nobody asked for: a misspelt option that is ignored in silence is worse than a refusal.</summary>
    public void RejectUnknown()
    {
        foreach (var property in element.EnumerateObject().Where(p => !_known.Contains(p.Name)))
        {
            Problem(property.Name, $"is not known here; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }
    }

    private JsonElement.ObjectEnumerator Properties() => element.EnumerateObject();

    private IReadOnlyList<JsonElement> Items(string field, bool required)
    {
        if (!TryGet(field, out var value))
        {
            return required ? Missing<IReadOnlyList<JsonElement>>(field, []) : [];
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            return [.. value.EnumerateArray()];
        }

        Problem(field, "must be a list");
        return [];
    }

    private bool TryGet(string field, out JsonElement value)
    {
        _known.Add(field);
        foreach (var property in element.EnumerateObject())
        {
            if (string.Equals(property.Name, field, StringComparison.OrdinalIgnoreCase))
            {
                value = property.Value;
                return value.ValueKind != JsonValueKind.Null;
            }
        }

        value = default;
        return false;
    }

    private T Missing<T>(string field, T placeholder)
    {
        Problem(field, "is missing");
        return placeholder;
    }

    private string PathOf(string field) => path.Length == 0 ? field : $"{path}.{field}";
}

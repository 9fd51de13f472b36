using System.Globalization;

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>Reads and writes durations as people write them: <c>250ms</c>, <c>10s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, or <c>00:00:10</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>Reads a duration; a bare number is none, since its unit would have to be guessed.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration; zero when it is none.</param>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * milliseconds < TimeSpan.FromDays(3650).TotalMilliseconds)
            {
                duration = TimeSpan.FromMilliseconds(number * milliseconds);
                return true;
            }
        }

        // A bare number would be read as days; it is more likely a forgotten unit.
        duration = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
    }

    /// <summary>Writes a duration in the largest unit that holds it without a fraction.</summary>
    /// <param name="duration">The duration, not negative.</param>
    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, milliseconds) in Units.Reverse())
        {
            var number = duration.TotalMilliseconds / milliseconds;
            if (number >= 1 && number == Math.Floor(number))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
            }
        }

        return "0s";
    }
}

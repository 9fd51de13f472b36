using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Kong.Versions;

/// <summary>A version of Kong Gateway, ordered number by number, so that 3.10 is newer than 3.9; the edition's suffix does not count.</summary>
/// <param name="Major">First number.</param>
/// <param name="Minor">Second number.</param>
/// <param name="Patch">Third number; 0 when the text had none.</param>
/// <param name="Build">Fourth number, which only Enterprise has; 0 when the text had none.</param>
public readonly partial record struct KongVersion(int Major, int Minor, int Patch = 0, int Build = 0) : IComparable<KongVersion>
{
    /// <summary>Major and minor, for example <c>3.4</c>: the unit in which Kong guarantees upgrades.</summary>
    public string Line => $"{Major}.{Minor}";

    /// <summary>Reads <c>2.8.5</c>, <c>3.4.3.5</c>, <c>3.10</c> or <c>2.8.4.1-enterprise-edition</c>.</summary>
    /// <param name="text">The whole text must be a version.</param>
    /// <exception cref="FormatException">It is not one.</exception>
    public static KongVersion Parse(string text) =>
        TryParse(text, out var version) ? version : throw new FormatException($"'{text}' is not a version of Kong");

    /// <summary>As <see cref="Parse"/>, false instead of an exception.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KongVersion version) => Read(Whole().Match(text?.Trim() ?? ""), out version);

    /// <summary>Finds the version in what <c>kong version</c> prints: <c>2.8.5</c> or <c>Kong Enterprise 3.4.3.5</c>.</summary>
    public static bool TryFind(string text, out KongVersion version) => Read(Inside().Match(text), out version);

    /// <inheritdoc/>
    public int CompareTo(KongVersion other) => (Major, Minor, Patch, Build).CompareTo((other.Major, other.Minor, other.Patch, other.Build));

    /// <summary>Whether <paramref name="left"/> is older.</summary>
    public static bool operator <(KongVersion left, KongVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is newer.</summary>
    public static bool operator >(KongVersion left, KongVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is not newer.</summary>
    public static bool operator <=(KongVersion left, KongVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is not older.</summary>
    public static bool operator >=(KongVersion left, KongVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Three numbers, or four when there is a build.</summary>
    public override string ToString() => Build == 0 ? $"{Major}.{Minor}.{Patch}" : $"{Major}.{Minor}.{Patch}.{Build}";

    private static bool Read(Match match, out KongVersion version)
    {
        version = match.Success ? new(Number(match, 1), Number(match, 2), Number(match, 3), Number(match, 4)) : default;
        return match.Success;
    }

    private static int Number(Match match, int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value) : 0;

    [GeneratedRegex(@"^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?:-[0-9A-Za-z.-]+)?$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"(?<![\d.])(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?")]
    private static partial Regex Inside();
}

using System.Text.RegularExpressions;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>One path of a route, as the version that stored it understands it.</summary>
/// <param name="Text">As stored.</param>
/// <param name="Pattern">The regular expression, or null when the path is a plain prefix.</param>
internal sealed partial record RoutePath(string Text, string? Pattern)
{
    /// <summary>2.x guesses from the characters; 3.x marks regular expressions with a tilde.</summary>
    public static RoutePath Read(string text, KongVersion version)
    {
        if (text.StartsWith('~'))
        {
            return new(text, text[1..]);
        }

        return version.Major < 3 && !Plain().IsMatch(text) ? new(text, text) : new(text, null);
    }

    [GeneratedRegex(@"^[a-zA-Z0-9._~/%-]*$")]
    private static partial Regex Plain();
}

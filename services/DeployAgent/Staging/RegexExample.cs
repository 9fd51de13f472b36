using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Makes a text that a regular expression matches, for the expressions that occur in route paths; gives up on the others.</summary>
internal sealed class RegexExample
{
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(200);
    private readonly string _pattern;
    private int _at;

    private RegexExample(string pattern) => _pattern = pattern;

    /// <summary>True with an example that was tried against the expression.</summary>
    public static bool TryMake(string pattern, [NotNullWhen(true)] out string? example)
    {
        example = null;
        try
        {
            var text = new RegexExample(pattern).Whole();
            var matches = text is not null && new Regex(pattern.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.CultureInvariant, MatchTime).Match(text) is { Success: true, Index: 0 };
            example = matches ? text : null;
            return matches;
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private string? Whole() => Alternatives() is { } text && _at == _pattern.Length ? text : null;

    // The first alternative that can be made counts; the others are read over.
    private string? Alternatives()
    {
        string? chosen = null;
        var isFirst = true;
        do
        {
            var text = Sequence();
            chosen ??= text;
            if (isFirst && text is null)
            {
                return null;
            }

            isFirst = false;
        }
        while (Take('|'));
        return chosen;
    }

    private string? Sequence()
    {
        var made = new StringBuilder();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            if (Atom() is not { } atom)
            {
                return null;
            }

            made.Insert(made.Length, atom, Repetitions());
        }

        return made.ToString();
    }

    private string? Atom()
    {
        var c = _pattern[_at++];
        return c switch
        {
            '^' or '$' => "",
            '.' => "a",
            '\\' => Escape(),
            '[' => Class(),
            '(' => Group(),
            '*' or '+' or '?' => null,
            _ => c.ToString(),
        };
    }

    private string? Escape()
    {
        if (_at >= _pattern.Length)
        {
            return null;
        }

        var c = _pattern[_at++];
        return c switch
        {
            'd' => "7",
            'w' => "a",
            's' => "%20",
            'S' or 'D' or 'W' => c == 'W' ? "-" : "a",
            'b' or 'A' or 'z' or 'Z' => "",
            _ when char.IsLetterOrDigit(c) => null,
            _ => c.ToString(),
        };
    }

    private string? Class()
    {
        var end = _at;
        if (end < _pattern.Length && _pattern[end] == '^')
        {
            end++;
        }

        if (end < _pattern.Length && _pattern[end] == ']')
        {
            end++;
        }

        while (end < _pattern.Length && _pattern[end] != ']')
        {
            end += _pattern[end] == '\\' ? 2 : 1;
        }

        if (end >= _pattern.Length)
        {
            return null;
        }

        var member = new Regex($"^[{_pattern[_at..end]}]$", RegexOptions.CultureInvariant, MatchTime);
        _at = end + 1;
        return "a7A-_.~bcdefxyzBCXYZ0123456789@:,;".Select(static c => c.ToString()).FirstOrDefault(member.IsMatch);
    }

    private string? Group()
    {
        if (Take('?') && !EnterGroup())
        {
            return null;
        }

        var inner = Alternatives();
        return Take(')') ? inner : null;
    }

    // Look-around, conditions and inline options end the attempt.
    private bool EnterGroup()
    {
        if (Take(':'))
        {
            return true;
        }

        Take('P');
        if (!Take('<') || _at >= _pattern.Length || _pattern[_at] is '=' or '!')
        {
            return false;
        }

        var end = _pattern.IndexOf('>', _at);
        _at = end + 1;
        return end > 0;
    }

    private int Repetitions()
    {
        var least = 1;
        if (Take('*') || Take('?'))
        {
            least = 0;
        }
        else if (Take('{'))
        {
            var end = _pattern.IndexOf('}', _at);
            var bounds = end < 0 ? "" : _pattern[_at..end];
            least = int.TryParse(bounds.Split(',')[0], out var count) && count <= 256 ? count : throw new ArgumentException("no repetition");
            _at = end + 1;
        }
        else
        {
            Take('+');
        }

        if (Take('?') || Take('+'))
        {
            return least; // Lazy or possessive: the example stays the same.
        }

        return least;
    }

    private bool Take(char c)
    {
        if (_at < _pattern.Length && _pattern[_at] == c)
        {
            _at++;
            return true;
        }

        return false;
    }
}

namespace KongUpgradeMesh.Kong.Versions;

/// <summary>Which jumps between versions Kong guarantees, and what to do about the others.</summary>
/// <param name="Jump">How the jump is rated.</param>
/// <param name="Hops">The shortest guaranteed way in lines (<c>2.8</c>, <c>3.4</c>, …), both ends included; empty when there is none.</param>
/// <param name="Reason">One sentence for the operator.</param>
public sealed record VersionPath(VersionJump Jump, IReadOnlyList<string> Hops, string Reason)
{
    // Minor lines in order of release; 2.8 was the last 2.x.
    private static readonly string[] Lines =
    [
        "2.8", "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15",
    ];

    private static readonly string[] LongTermLines = ["2.8", "3.4", "3.10", "3.14"];

    /// <summary>Whether the jump is supported without an override.</summary>
    public bool IsAllowed => Jump is VersionJump.None or VersionJump.Patch or VersionJump.Minor or VersionJump.LongTerm;

    /// <summary>Rates the jump from one version to another.</summary>
    /// <param name="from">Version of cluster X.</param>
    /// <param name="to">Version of cluster Y.</param>
    public static VersionPath Judge(KongVersion from, KongVersion to)
    {
        if (to < from)
        {
            return new(VersionJump.Downgrade, [], $"{to} is older than {from}; Kong's schema migrations cannot be undone.");
        }

        if (from.Line == to.Line)
        {
            return from == to
                ? new(VersionJump.None, [from.Line], $"{from} stays the same.")
                : new(VersionJump.Patch, [from.Line], $"{to} is a newer patch of {from.Line}.");
        }

        if (NeedsAnotherStart(from, to) is { } reason)
        {
            return new(VersionJump.NotGuaranteed, [], reason);
        }

        if (IsAdjacent(Lines, from.Line, to.Line))
        {
            return new(VersionJump.Minor, [from.Line, to.Line], $"{from.Line} to {to.Line} are neighbouring releases.");
        }

        if (IsAdjacent(LongTermLines, from.Line, to.Line))
        {
            return new(VersionJump.LongTerm, [from.Line, to.Line], $"{from.Line} to {to.Line} are neighbouring long-term releases.");
        }

        var hops = ShortestWay(from.Line, to.Line);
        var way = hops.Count > 0 ? $"; the guaranteed way is {string.Join(" > ", hops)}" : "";
        return new(VersionJump.NotGuaranteed, hops, $"Kong does not guarantee {from.Line} to {to.Line} in one jump{way}.");
    }

    private static string? NeedsAnotherStart(KongVersion from, KongVersion to) => from switch
    {
        { Major: < 1 } => "Versions below 1.0 must reach 1.5 first.",
        { Major: 1 } => "Versions 1.x must reach 2.1 or later first: the schema of 3.x starts there.",
        { Major: 2, Minor: < 8 } when to.Major > 2 => "Versions 2.0 to 2.7 must reach 2.8.2 or later first.",
        _ => null,
    };

    private static bool IsAdjacent(string[] lines, string from, string to)
    {
        var index = Array.IndexOf(lines, from);
        return index >= 0 && index + 1 < lines.Length && lines[index + 1] == to;
    }

    private static List<string> ShortestWay(string from, string to)
    {
        var cameFrom = new Dictionary<string, string> { [from] = from };
        var waiting = new Queue<string>([from]);
        while (waiting.TryDequeue(out var line) && line != to)
        {
            foreach (var next in Lines.Where(l => !cameFrom.ContainsKey(l) && (IsAdjacent(LongTermLines, line, l) || IsAdjacent(Lines, line, l))))
            {
                cameFrom[next] = line;
                waiting.Enqueue(next);
            }
        }

        var way = new List<string>();
        for (var line = to; cameFrom.ContainsKey(line); line = cameFrom[line])
        {
            way.Insert(0, line);
            if (line == from)
            {
                return way;
            }
        }

        return [];
    }
}

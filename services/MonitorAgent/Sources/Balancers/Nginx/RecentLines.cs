namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;

/// <summary>How many of the latest lines of a log were not in its format. Not safe for several threads.</summary>
/// <remarks>
/// Lines come in bursts, as nginx empties its buffers, and most readings between them find none: a reading without lines forgets nothing. What is older
/// than <see cref="Span"/> is forgotten when newer lines come.
/// </remarks>
internal sealed class RecentLines
{
    /// <summary>How long before the latest lines a line still counts.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromSeconds(10);

    private const double MostMalformed = 0.01;
    private readonly Queue<(TimeSpan At, long Lines, long Malformed)> _readings = [];

    /// <summary>All of them.</summary>
    public long Lines { get; private set; }

    /// <summary>Those that were not in the format.</summary>
    public long Malformed { get; private set; }

    /// <summary>Whether these are not the lines of such a log: more than one of a hundred, where a single one among others is none to speak of.</summary>
    public bool AreForeign => Malformed == Lines ? Lines > 0 : Malformed > Math.Max(1, MostMalformed * Lines);

    /// <summary>Takes what a reading found.</summary>
    /// <param name="at">When, by a clock that never goes back.</param>
    /// <param name="lines">All lines.</param>
    /// <param name="malformed">Those of them that were not in the format.</param>
    public void Add(TimeSpan at, long lines, long malformed)
    {
        if (lines == 0)
        {
            return;
        }

        _readings.Enqueue((at, lines, malformed));
        (Lines, Malformed) = (Lines + lines, Malformed + malformed);
        while (_readings.Peek().At < at - Span)
        {
            var old = _readings.Dequeue();
            (Lines, Malformed) = (Lines - old.Lines, Malformed - old.Malformed);
        }
    }
}

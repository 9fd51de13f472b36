using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;

/// <summary>Counts the lines of nginx's log, each <c>x|y</c>, status, and of every attempt status, time to connect and time to the header: <see cref="Format"/>.</summary>
/// <remarks>
/// Attempts are separated by a comma, and by a colon where nginx went on to another location. Only of an attempt that was answered is the time to the header known; the
/// status of one that was not is nginx's own (502, 504). A request that reached no upstream says nothing of a cluster, and one whose client left (499) nothing of its answer.
/// </remarks>
internal sealed class NginxCounts
{
    /// <summary>The format for people, as it stands in the document.</summary>
    public const string Format = "$kum_served|$status|$upstream_status|$upstream_connect_time|$upstream_header_time";

    private const byte Separator = (byte)'|';
    private const byte None = (byte)'-';
    private const int ClientLeft = 499;
    private readonly long[] _x = new long[Enum.GetValues<Counter>().Length];
    private readonly long[] _y = new long[Enum.GetValues<Counter>().Length];

    private enum Next
    {
        Nothing,
        Repetition,
        Location,
    }

    private enum Counter
    {
        Answers,
        ServerErrors,
        ClientErrors,
        ConnectionErrors,
        ResponseErrors,
        Repetitions,
    }

    private static ReadOnlySpan<byte> Repeated => ", "u8;

    private static ReadOnlySpan<byte> Elsewhere => " : "u8;

    /// <summary>Lines that followed the format.</summary>
    public long Lines { get; private set; }

    /// <summary>Lines that did not.</summary>
    public long Malformed { get; private set; }

    /// <summary>What was counted of cluster X.</summary>
    public BalancerTally X => Tally(_x);

    /// <summary>What was counted of cluster Y.</summary>
    public BalancerTally Y => Tally(_y);

    /// <summary>Counts a line.</summary>
    /// <param name="line">Without its line feed.</param>
    public void Take(ReadOnlySpan<byte> line)
    {
        if (TryTake(line))
        {
            Lines++;
        }
        else
        {
            Malformed++;
        }
    }

    private bool TryTake(ReadOnlySpan<byte> line)
    {
        var name = TakeField(ref line);
        var side = SideOf(name);
        if ((side is null && !name.IsEmpty) || !TryStatus(TakeField(ref line), out var status) || line.Count(Separator) != 2)
        {
            return false;
        }

        var statuses = TakeField(ref line);
        var connects = TakeField(ref line);
        var headers = line;
        var contacted = statuses is not [None];
        var repetitions = 0;
        bool connected, answered;
        do
        {
            if (!TryTakeAttempt(ref statuses, IsStatus, out _, out var next) || !TryTakeAttempt(ref connects, IsTime, out connected, out var nextToo)
                || !TryTakeAttempt(ref headers, IsTime, out answered, out var nextAgain) || next != nextToo || next != nextAgain)
            {
                return false;
            }

            repetitions += next == Next.Repetition ? 1 : 0;
        }
        while (!statuses.IsEmpty);

        if (side is null)
        {
            // Answered before Lua chose a side, such as a request that nginx did not understand, or one to the control location.
            return !contacted;
        }

        if (contacted)
        {
            side[(int)Counter.Repetitions] += repetitions;
            Count(side, status, connected, answered);
        }

        return true;
    }

    private static ReadOnlySpan<byte> TakeField(ref ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf(Separator);
        var field = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[(end + 1)..];
        return field;
    }

    private static void Count(long[] side, int status, bool connected, bool answered)
    {
        if (status == ClientLeft)
        {
            return;
        }

        side[(int)Counter.Answers]++;
        side[(int)Counter.ServerErrors] += status >= 500 ? 1 : 0;
        side[(int)Counter.ClientErrors] += status is >= 400 and < 500 ? 1 : 0;
        side[(int)Counter.ConnectionErrors] += answered || connected ? 0 : 1;
        side[(int)Counter.ResponseErrors] += !answered && connected ? 1 : 0;
    }

    private long[]? SideOf(ReadOnlySpan<byte> text) => text.SequenceEqual("x"u8) ? _x : text.SequenceEqual("y"u8) ? _y : null;

    // Takes the first attempt of a list: whether it has a value, and what follows it.
    private static bool TryTakeAttempt(ref ReadOnlySpan<byte> list, Func<byte, bool> isDigit, out bool known, out Next next)
    {
        var length = 0;
        while (length < list.Length && isDigit(list[length]))
        {
            length++;
        }

        known = length > 0;
        next = Next.Nothing;
        if (!known && list is not [None, ..])
        {
            return false;
        }

        list = list[(known ? length : 1)..];
        if (list.IsEmpty)
        {
            return true;
        }

        next = list.StartsWith(Repeated) ? Next.Repetition : Next.Location;
        var between = next == Next.Repetition ? Repeated : Elsewhere;
        if (!list.StartsWith(between))
        {
            return false;
        }

        list = list[between.Length..];
        return !list.IsEmpty;
    }

    private static bool IsStatus(byte digit) => digit is >= (byte)'0' and <= (byte)'9';

    private static bool IsTime(byte digit) => IsStatus(digit) || digit == (byte)'.';

    private static bool TryStatus(ReadOnlySpan<byte> text, out int status)
    {
        status = text is [>= (byte)'1' and <= (byte)'9', >= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9'] ? ((text[0] - '0') * 100) + ((text[1] - '0') * 10) + (text[2] - '0') : 0;
        return status > 0;
    }

    private static BalancerTally Tally(long[] side) => new(
        side[(int)Counter.Answers],
        side[(int)Counter.ServerErrors],
        side[(int)Counter.ClientErrors],
        side[(int)Counter.ConnectionErrors],
        side[(int)Counter.ResponseErrors],
        Retries: 0,
        side[(int)Counter.Repetitions]);
}

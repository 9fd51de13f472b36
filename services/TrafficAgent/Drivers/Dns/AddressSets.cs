using System.Net;
using System.Net.Sockets;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Which sets of addresses stand for which share, where every address of an answer is as likely as any other.</summary>
internal sealed class AddressSets
{
    private static readonly AddressFamily[] Known = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];
    private readonly IReadOnlyList<IPAddress> _x;
    private readonly IReadOnlyList<IPAddress> _y;
    private readonly int _questionBytes;

    public AddressSets(IReadOnlyList<IPAddress> x, IReadOnlyList<IPAddress> y, int questionBytes)
    {
        (_x, _y, _questionBytes) = (x, y, questionBytes);
        Families = [.. Known.Where(f => x.Concat(y).Any(a => a.AddressFamily == f))];
        Shares = [.. Enumerable.Range(1, 100).Where(w => Families.All(f => SizesFor(w, f) is not null))];
    }

    /// <summary>The families that the name has.</summary>
    public IReadOnlyList<AddressFamily> Families { get; }

    /// <summary>The shares above 0 that some set stands for exactly, in percent, rising.</summary>
    public IReadOnlyList<int> Shares { get; }

    /// <summary>Addresses of cluster X of one family.</summary>
    public IReadOnlyList<IPAddress> X(AddressFamily family) => [.. _x.Where(a => a.AddressFamily == family)];

    /// <summary>Addresses of cluster Y of one family.</summary>
    public IReadOnlyList<IPAddress> Y(AddressFamily family) => [.. _y.Where(a => a.AddressFamily == family)];

    /// <summary>How many addresses of a family fit into an answer that every resolver takes whole: 512 bytes (RFC 1035).</summary>
    public int Most(AddressFamily family)
    {
        const int header = 12, options = 11, record = 12;
        return (512 - header - options - _questionBytes) / (record + (family == AddressFamily.InterNetwork ? 4 : 16));
    }

    /// <summary>The largest set of one family for a share, so that as many nodes as possible take part; null when none stands for it exactly.</summary>
    public IReadOnlyList<IPAddress>? For(int weightY, AddressFamily family) =>
        SizesFor(weightY, family) is var (x, y) ? [.. X(family).Take(x), .. Y(family).Take(y)] : null;

    /// <summary>The share of Y in a set, whoever published it, rounded up; addresses of neither cluster count as Y's, since they are not X's.</summary>
    public int WeightIn(IReadOnlyCollection<IPAddress> set) =>
        set.Count == 0 ? 0 : (int)Math.Ceiling(100.0 * set.Count(a => !_x.Contains(a)) / set.Count);

    private (int X, int Y)? SizesFor(int weightY, AddressFamily family)
    {
        var (x, y) = (X(family).Count, Y(family).Count);
        if (weightY is 0 or 100 || x + y == 0)
        {
            return weightY == 0 ? (x, 0) : (0, y);
        }

        var divisor = Divisor(weightY, 100);
        var (partY, partX) = (weightY / divisor, (100 - weightY) / divisor);
        var times = Math.Min(Math.Min(x / partX, y / partY), Most(family) / (partX + partY));
        return times > 0 ? (times * partX, times * partY) : null;
    }

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);
}

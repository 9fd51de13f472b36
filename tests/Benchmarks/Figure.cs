using System.Globalization;

namespace KongUpgradeMesh.Benchmarks;

/// <summary>One measured thing.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">For example <c>s</c>, <c>MB</c>; empty for a ratio.</param>
/// <param name="Median">The figure.</param>
/// <param name="Lowest">Lowest of all rounds.</param>
/// <param name="Highest">Highest of all rounds.</param>
/// <param name="Target">What the median must not exceed; null for none.</param>
internal sealed record Figure(string Name, string Unit, double Median, double Lowest, double Highest, double? Target = null)
{
    /// <summary>Whether the target is met; also where there is none.</summary>
    public bool IsMet => Target is null || Median <= Target;

    /// <summary>The figure of several rounds.</summary>
    public static Figure Of(string name, string unit, IEnumerable<double> rounds, double? target = null)
    {
        var sorted = rounds.Order().ToList();
        var middle = sorted.Count / 2;
        var median = sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Figure(name, unit, median, sorted[0], sorted[^1], target);
    }

    /// <summary>A claim that must hold: 0 where it does, 1 where it does not.</summary>
    public static Figure Claim(string name, bool holds) => new(name, "claim", holds ? 0 : 1, holds ? 0 : 1, holds ? 0 : 1, 0);

    /// <summary>The median for people.</summary>
    public string Text => Unit == "claim" ? (IsMet ? "yes" : "NO") : Number(Median);

    /// <summary>Lowest and highest for people.</summary>
    public string Spread => Unit == "claim" || Lowest.Equals(Highest) ? "" : $"{Number(Lowest)} to {Number(Highest)}";

    private string Number(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.00} {Unit}").TrimEnd();
}

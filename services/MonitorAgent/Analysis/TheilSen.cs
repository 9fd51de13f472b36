namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>The median of the slopes between all pairs of points: up to 29 % of them may be wild (Theil 1950, Sen 1968).</summary>
internal static class TheilSen
{
    /// <summary>The slope; 0 for fewer than two points.</summary>
    /// <param name="points">In the order of X, which must differ. The cost grows with the square of their number.</param>
    public static double Slope(ReadOnlySpan<(double X, double Y)> points)
    {
        if (points.Length < 2)
        {
            return 0;
        }

        var slopes = new List<double>(points.Length * (points.Length - 1) / 2);
        for (var i = 1; i < points.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                slopes.Add((points[i].Y - points[j].Y) / (points[i].X - points[j].X));
            }
        }

        slopes.Sort();
        var middle = slopes.Count / 2;
        return slopes.Count % 2 == 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2;
    }
}

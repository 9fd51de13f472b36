namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>The natural logarithm of the gamma function.</summary>
internal static class LogGamma
{
    // Stirling's series needs a large argument: below it, the argument is shifted.
    private const double Large = 10;

    /// <summary>Its value, with an error below 1e-9.</summary>
    /// <param name="x">Above 0.</param>
    public static double Of(double x)
    {
        var shift = 0.0;
        for (; x < Large; x++)
        {
            shift += Math.Log(x);
        }

        var inverse = 1 / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + (inverse / 12) - (Math.Pow(inverse, 3) / 360) + (Math.Pow(inverse, 5) / 1260) - shift;
    }
}

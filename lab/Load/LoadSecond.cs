namespace KongUpgradeMesh.Lab.Load;

/// <summary>One second of the load, by the time requests began.</summary>
/// <param name="Second">Seconds since the load began.</param>
/// <param name="X">Answers from X.</param>
/// <param name="Y">Answers from Y.</param>
/// <param name="Failed">Failed requests.</param>
public sealed record LoadSecond(int Second, int X, int Y, int Failed)
{
    /// <summary>Share of Y among the answers whose side is known, 0 to 1; null when there were none.</summary>
    public double? ShareY => X + Y > 0 ? (double)Y / (X + Y) : null;
}

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>The clients' requests so far.</summary>
/// <param name="Total">All.</param>
/// <param name="OnY">Those that cluster Y answered.</param>
/// <param name="Failed">Those whose answer was not the expected one.</param>
public sealed record ClientCounts(long Total, long OnY, long Failed);

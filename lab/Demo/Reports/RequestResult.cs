namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>The clients' requests from before the upgrade until after it.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Failed">Those whose answer was not the expected one, for whatever reason; an injected fault is no excuse.</param>
/// <param name="FailedByFault">Those of <paramref name="Failed"/> that cluster Y answered after the fault was injected.</param>
/// <param name="MovedBack">Clients that went from Y back to X while neither drill nor rollback was under way.</param>
/// <param name="PerSecond">Mean rate.</param>
public sealed record RequestResult(long Total, long Failed, long FailedByFault, int MovedBack, double PerSecond);

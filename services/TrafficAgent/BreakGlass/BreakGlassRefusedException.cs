using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>Nothing was tried, since it is not clear what is meant.</summary>
/// <param name="failure">Why, and what to say instead.</param>
internal sealed class BreakGlassRefusedException(Failure failure) : Exception(failure.Message)
{
    public Failure Failure => failure;
}

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>What is remembered of one lane of one upgrade.</summary>
/// <param name="Order">The newest try seen.</param>
/// <param name="HasEnded">Whether its end was reported and the broker has confirmed it.</param>
public readonly record struct LaneMark(StepOrder Order, bool HasEnded);

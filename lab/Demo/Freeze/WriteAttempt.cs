using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>One try to change configuration.</summary>
/// <param name="At">When it was begun.</param>
/// <param name="Side">On which cluster.</param>
/// <param name="Way">How.</param>
/// <param name="Answer">What became of it.</param>
/// <param name="Detail">HTTP status or SQLSTATE.</param>
public sealed record WriteAttempt(DateTimeOffset At, ClusterSide Side, WriteWay Way, WriteAnswer Answer, string Detail);

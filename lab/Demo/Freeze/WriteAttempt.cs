using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>One try to change configuration.</summary>
/// <param name="At">When it was begun.</param>
/// <param name="AnsweredAt">When its answer was there; it took effect, if it did, between the two.</param>
/// <param name="Side">On which cluster.</param>
/// <param name="Way">How.</param>
/// <param name="Answer">What became of it.</param>
/// <param name="Detail">HTTP status or SQLSTATE.</param>
public sealed record WriteAttempt(DateTimeOffset At, DateTimeOffset AnsweredAt, ClusterSide Side, WriteWay Way, WriteAnswer Answer, string Detail);

namespace KongUpgradeMesh.Lab.Load;

/// <summary>What came back for one request.</summary>
/// <param name="Status">The status; 0 when there was none.</param>
/// <param name="Side">Value of <c>X-KUM-Side</c>, <c>x</c> or <c>y</c>; null when it was not sent.</param>
/// <param name="Error">What broke the transport; null when nothing did.</param>
public sealed record LoadAnswer(int Status, string? Side, string? Error);

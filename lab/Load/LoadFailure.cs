namespace KongUpgradeMesh.Lab.Load;

/// <summary>One failed request.</summary>
/// <param name="At">When it began.</param>
/// <param name="Client">Whose.</param>
/// <param name="Request">Method and path.</param>
/// <param name="Reason">Unexpected status, or what broke the transport.</param>
/// <param name="Side">The side that answered; null when unknown.</param>
public sealed record LoadFailure(DateTimeOffset At, string Client, string Request, string Reason, string? Side);

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>What requests are counted by.</summary>
/// <param name="Service">Name or id of the service.</param>
/// <param name="Route">Name or id of the route; empty when unknown.</param>
/// <param name="Code">HTTP status, 100 to 599; 0 when Kong gave none.</param>
/// <param name="Origin">Who made the answer; known for 5xx of Kong 3.x only.</param>
public readonly record struct RouteCode(string Service, string Route, int Code, AnswerOrigin Origin = AnswerOrigin.Unknown);

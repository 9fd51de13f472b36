namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>What one worker said at the control location.</summary>
/// <param name="Mark">What it follows, see <see cref="NginxMark"/>; text of somebody else where it is none of ours.</param>
/// <param name="Side">Side of the asked key, <c>x</c> or <c>y</c>.</param>
/// <param name="RequestsX">Requests led to X since nginx started; null by reload.</param>
/// <param name="RequestsY">Requests led to Y since nginx started; null by reload.</param>
/// <param name="Tag">Entity tag of the mark, for a conditional write; null by reload.</param>
internal sealed record NginxAnswer(string Mark, string Side, long? RequestsX, long? RequestsY, string? Tag);

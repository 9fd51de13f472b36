namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>Sessions of one origin.</summary>
/// <param name="Role">Role that logged in.</param>
/// <param name="Application">The name the client gave itself; empty when none.</param>
/// <param name="Address">Client address, <see cref="Local"/>, or null when the server hides it from our role.</param>
/// <param name="Count">How many.</param>
internal sealed record WriterSession(string Role, string Application, string? Address, long Count)
{
    /// <summary>Stands for a unix socket.</summary>
    public const string Local = "local socket";
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>The machine that nginx runs on: its included file, its program and its processes.</summary>
/// <remarks>What may not be read or written is an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>; a machine that cannot be
/// reached is a <see cref="StepFailedException"/> with <see cref="FailureCodes.BalancerUnreachable"/>.</remarks>
internal interface INginxHost
{
    /// <summary>What the included file holds; empty when there is none.</summary>
    Task<string> ReadFileAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the included file as a whole; what it held before is intact until the new content is on disk.</summary>
    Task ReplaceFileAsync(string content, CancellationToken cancellationToken);

    /// <summary>Tries to write beside the included file, and leaves nothing there.</summary>
    Task TryWriteAsync(CancellationToken cancellationToken);

    /// <summary>Waits for the turn among the agents of this agent's host.</summary>
    Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken);

    /// <summary>Runs nginx to its end.</summary>
    Task<ProgramResult> RunNginxAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken);

    /// <summary>Whether workers of an older generation still finish their connections; false also where it cannot be seen.</summary>
    Task<bool> AnyLeavingAsync(CancellationToken cancellationToken);
}

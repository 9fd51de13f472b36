namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>One writer at a time over all agents of a host: an advisory lock that the system frees when its holder dies.</summary>
internal sealed class FileTurn : IAsyncDisposable
{
    // Longer than any holder needs; then something hangs, and the caller must know instead of waiting with it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly FileStream _file;

    private FileTurn(FileStream file) => _file = file;

    /// <summary>Waits for the turn.</summary>
    /// <exception cref="IOException">Another process did not release it in time, or the file cannot be opened.</exception>
    public static async Task<FileTurn> TakeAsync(string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileTurn(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (clock.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}

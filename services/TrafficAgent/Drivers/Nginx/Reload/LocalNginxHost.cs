using System.Globalization;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>nginx on the agent's own host.</summary>
internal sealed class LocalNginxHost(NginxReloadOptions options, IProgramRunner programs, TimeProvider clock) : INginxHost
{
    public async Task<string> ReadFileAsync(CancellationToken cancellationToken) =>
        File.Exists(options.File) ? await File.ReadAllTextAsync(options.File, cancellationToken) : "";

    public Task ReplaceFileAsync(string content, CancellationToken cancellationToken) => KeptFile.ReplaceAsync(options.File, content, cancellationToken);

    public async Task TryWriteAsync(CancellationToken cancellationToken) =>
        await File.Create(options.File + ".kum-try", 1, FileOptions.DeleteOnClose).DisposeAsync();

    public async Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken) =>
        await FileTurn.TakeAsync(options.File + ".kum-lock", clock, cancellationToken);

    public Task<ProgramResult> RunNginxAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        programs.RunAsync(new ProgramCall { File = options.Program, Arguments = options.ArgumentsOf(arguments), Timeout = NginxReloadOptions.ProgramBound }, cancellationToken);

    public async Task<bool> AnyLeavingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var master = int.Parse(await File.ReadAllTextAsync(options.PidFile, cancellationToken), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            var children = await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children", cancellationToken);
            foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if ((await TitleAsync(child, cancellationToken)).Contains(NginxReloadOptions.LeavingTitle, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return false; // What workers answer is the proof; this only says how long old connections last.
        }

        return false;
    }

    private static async Task<string> TitleAsync(string process, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync($"/proc/{process}/cmdline", cancellationToken);
        }
        catch (IOException)
        {
            return ""; // It has just ended.
        }
    }
}

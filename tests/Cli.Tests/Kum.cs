using System.Diagnostics;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Cli.Tests;

/// <summary>The command line, run as the process that a person runs.</summary>
internal static class Kum
{
    // From its own folder: the one of the tests lacks what ASP.NET Core's shared framework brings them and kum does without.
    private static readonly string Program = Path.Combine(
        Repository.Root, "artifacts", "bin", "Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "KongUpgradeMesh.Cli.dll");

    public static async Task<KumResult> RunAsync(Uri server, IEnumerable<string> arguments, string? input = null)
    {
        var info = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        info.Environment["KUM_SERVER"] = server.ToString();
        info.Environment["KUM_ACTOR"] = "tester";
        info.Environment["TZ"] = "UTC";
        using var process = Process.Start(info)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new KumResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"kum {string.Join(' ', arguments)} did not end within a minute");
        }
    }
}

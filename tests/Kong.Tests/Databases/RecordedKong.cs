using System.Collections.Concurrent;
using System.Diagnostics;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Databases that real Kongs made, restored once each and copied for whoever needs one; owned by a role that is no superuser.</summary>
internal static class RecordedKong
{
    private static readonly Dictionary<string, string> Dumps = new()
    {
        ["2.8.5"] = "2.8.5/dumps/kong-2.8.5-populated.dump",
        ["3.4.2"] = "3.4.2/dumps/kong-3.4.2-after-finish.dump",
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<SmallKong>>> Templates = new();

    /// <summary>A copy of the database of a version; skips the test where the recordings are not given.</summary>
    public static async Task<SmallKong> RecordedAsync(this PostgresFixture postgres, string version)
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var template = await Templates.GetOrAdd(version, v => new Lazy<Task<SmallKong>>(async () => await RestoreAsync(await postgres.ServerAsync(), Dumps[v]))).Value;
        var name = $"copy_{Guid.NewGuid():N}"[..20];
        await template.Server.CreateDatabaseAsync(name, template.Spec.Name);
        var copy = new SmallKong(template.Server, name);
        await using var superuser = await copy.OpenSuperuserAsync();
        await SmallKong.RunAsync(superuser, $"ALTER DATABASE {name} OWNER TO {SmallKong.Owner}");
        return copy;
    }

    private static async Task<SmallKong> RestoreAsync(PostgresServer server, string dump)
    {
        var kong = await SmallKong.CreateEmptyAsync(server, "real");
        var program = await PostgresPrograms.FindAsync("pg_restore", 1, VersionAsync, CancellationToken.None);
        var (code, output) = await RunAsync(
            program,
            [
                "-h", "127.0.0.1", "-p", server.Port.ToString(), "-U", PostgresServer.User, "--role", SmallKong.Owner, "-d", kong.Spec.Name, "--no-owner", "--no-privileges",
                "--exit-on-error", Path.Combine(RequiredServer.RecordedKong!, dump),
            ]);
        Assert.True(code == 0, output);
        return kong;
    }

    private static async Task<string?> VersionAsync(string path, CancellationToken cancellationToken) => (await RunAsync(path, ["--version"])).Output;

    private static async Task<(int Code, string Output)> RunAsync(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}

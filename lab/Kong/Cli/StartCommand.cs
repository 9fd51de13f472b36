using System.Diagnostics;
using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Faults;
using KongUpgradeMesh.Lab.StandInKong.Migrations;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary><c>kong start</c>: checks the database, then leaves a serving process behind that belongs to nobody.</summary>
internal sealed class StartCommand(Flavour flavour, KongConfiguration configuration, TimeProvider time)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var prefix = configuration.Prefix;
        if (prefix.RunningProcess() is not null)
        {
            throw new CommandFailedException($"Kong is already running in {prefix.Path}");
        }

        prefix.Create();
        if (FaultPlan.Load(prefix.FaultFile).RefuseToStart)
        {
            throw new CommandFailedException("nginx: [emerg] could not start worker processes");
        }

        await CheckSchemaAsync(cancellationToken);
        File.Delete(prefix.PidFile);
        ConfigurationFile.WritePrivate(prefix.EnvironmentFile, configuration.Values.Append(new("prefix", prefix.Path)).DistinctBy(v => v.Key));
        await WaitUntilServingAsync(Spawn(prefix), prefix, cancellationToken);
        Console.WriteLine("Kong started");
        return 0;
    }

    private async Task CheckSchemaAsync(CancellationToken cancellationToken)
    {
        await using var database = new NpgsqlDataSourceBuilder(configuration.ConnectionString("kong start")).Build();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var state = await SchemaState.LoadAsync(connection, flavour, cancellationToken);
        if (state.NeedsBootstrap)
        {
            throw new CommandFailedException("Database needs bootstrapping or is older than Kong 1.0.\n\nTo start a new installation from scratch, run 'kong migrations bootstrap'.");
        }

        if (state.New.Count > 0)
        {
            throw new CommandFailedException("./kong/cmd/utils/migrations.lua:20: New migrations available; run 'kong migrations up' to proceed");
        }

        if (state.Pending.Count > 0)
        {
            Console.WriteLine("Database has pending migrations:\n" + SchemaState.Format(state.Pending));
        }
    }

    // setsid detaches the node from the caller's terminal and process group, the shell hands over the id that the node will have.
    // A caller that ignores QUIT (a background job of a script does) would pass that on, and the node could not end gracefully: hence env.
    private int Spawn(NodePrefix prefix)
    {
        var executable = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this process is unknown");
        var assembly = typeof(StartCommand).Assembly.Location;
        string[] self = Path.GetFileNameWithoutExtension(executable) == "dotnet" ? [executable, assembly] : [executable];
        var log = configuration.Text("proxy_error_log", "logs/error.log");
        var info = new ProcessStartInfo("setsid",
        [
            "--fork", "/bin/sh", "-c", "echo $$; exec env --default-signal=INT,QUIT,TERM,HUP \"$@\" </dev/null >>\"$0\" 2>&1", Path.Combine(prefix.Path, log),
            .. self, "serve", "--prefix", prefix.Path, "--flavour", flavour.Version,
        ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        using var launcher = Process.Start(info) ?? throw new InvalidOperationException("setsid could not be started");
        var id = int.Parse(launcher.StandardOutput.ReadLine() ?? "0");
        launcher.WaitForExit();
        return id;
    }

    private async Task WaitUntilServingAsync(int id, NodePrefix prefix, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!File.Exists(prefix.PidFile))
        {
            if (!NodePrefix.IsAlive(id))
            {
                throw new CommandFailedException($"nginx: [emerg] the node ended while it started:\n{LastLines(prefix)}");
            }

            if (time.GetElapsedTime(start) > Deadline)
            {
                throw new CommandFailedException($"timed out waiting for the node to serve, see {prefix.LogDirectory}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(15), time, cancellationToken);
        }
    }

    private string LastLines(NodePrefix prefix)
    {
        var file = Path.Combine(prefix.Path, configuration.Text("proxy_error_log", "logs/error.log"));
        return File.Exists(file) ? string.Join('\n', File.ReadLines(file).TakeLast(8)) : "";
    }
}

using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>The command line behind <c>./kum up</c>, <c>down</c> and <c>status</c>.</summary>
internal static partial class MeshCommand
{
    public static Task<int> RunAsync(string[] args)
    {
        var datacenter = new Option<string>("--datacenter")
        {
            Description = "Datacenters that get agents, comma-separated",
            DefaultValueFactory = static _ => "eu1",
        };
        datacenter.Validators.Add(static result =>
        {
            if (!DatacenterList().IsMatch(result.GetValueOrDefault<string>()))
            {
                result.AddError("--datacenter: names of a-z, 0-9 and -, separated by commas");
            }
        });
        var port = new Option<int>("--port") { Description = "The coordinator's port; the others lie within the next 99", DefaultValueFactory = static _ => 7400 };
        var directory = new Option<string>("--directory") { Description = "Where the mesh keeps its data and logs", DefaultValueFactory = static _ => ".kum", Recursive = true };

        var up = new Command("up", "Start the mesh") { datacenter, port };
        var run = new Command("run", "Run the mesh in this process") { datacenter, port };
        run.Hidden = true;
        var down = new Command("down", "End the mesh");
        var status = new Command("status", "Say what runs; exit code 0 when everything is ready");
        SetAction(up, async (parsed, files, cancellationToken) =>
        {
            string[] arguments = ["--datacenter", parsed.GetRequiredValue(datacenter), "--port", $"{parsed.GetRequiredValue(port)}", "--directory", files.Root];
            await Control(files).UpAsync(Plan(parsed), arguments, cancellationToken);
            return 0;
        });
        SetAction(run, async (parsed, files, _) =>
        {
            using var stop = new CancellationTokenSource();
            void OnSignal(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.Cancel();
            }

            using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
            try
            {
                using var supervisor = new Supervisor(Plan(parsed), files, TimeProvider.System);
                await supervisor.RunAsync(stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The orderly end.
            }

            return 0;
        });
        SetAction(down, async (_, files, cancellationToken) =>
        {
            await Control(files).DownAsync(cancellationToken);
            return 0;
        });
        SetAction(status, async (_, files, cancellationToken) => await Control(files).StatusAsync(cancellationToken) ? 0 : 1);
        return new RootCommand("The real mesh as separate processes on this machine") { up, down, status, run, directory }
            .Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

        void SetAction(Command command, Func<ParseResult, MeshFiles, CancellationToken, Task<int>> action) => command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await action(parsed, new MeshFiles(parsed.GetRequiredValue(directory)), cancellationToken);
            }
            catch (MeshException cause)
            {
                await Console.Error.WriteLineAsync(cause.Message);
                return 1;
            }
        });

        MeshPlan Plan(ParseResult parsed) => new(
            parsed.GetRequiredValue(datacenter).Split(','),
            parsed.GetRequiredValue(port),
            Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..")));
    }

    private static MeshControl Control(MeshFiles files) => new(files, TimeProvider.System, Console.Out);

    [GeneratedRegex("^[a-z0-9-]{1,40}(,[a-z0-9-]{1,40})*$")]
    private static partial Regex DatacenterList();
}

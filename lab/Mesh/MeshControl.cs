using System.Diagnostics;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>Starts and ends the supervisor and tells what runs.</summary>
internal sealed class MeshControl(MeshFiles files, TimeProvider clock, TextWriter output)
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DownLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeftoverGrace = TimeSpan.FromSeconds(15);

    public async Task UpAsync(MeshPlan plan, IReadOnlyList<string> supervisorArguments, CancellationToken cancellationToken)
    {
        var state = MeshState.Read(files);
        if (state?.Supervisor.IsAlive == true)
        {
            if (!state.Datacenters.SequenceEqual(plan.Datacenters))
            {
                throw new MeshException($"The mesh runs with datacenters {string.Join(',', state.Datacenters)}; to change that: ./kum down, then ./kum up --datacenter {string.Join(',', plan.Datacenters)}");
            }
        }
        else
        {
            await EndLeftoversAsync(state, cancellationToken);
            StartSupervisor(supervisorArguments);
        }

        await WaitUntilReadyAsync(cancellationToken);
        await output.WriteLineAsync($"The mesh is up. Coordinator: {plan.Coordinator.GetLeftPart(UriPartial.Authority)}   logs: {Path.Combine(files.Root, "log")}");
        await output.WriteLineAsync("Next: ./kum agents, ./kum start -f spec.yaml --follow, ./kum down");
    }

    public async Task DownAsync(CancellationToken cancellationToken)
    {
        if (MeshState.Read(files) is not { } state)
        {
            await output.WriteLineAsync("The mesh does not run.");
            return;
        }

        state.Supervisor.Signal("TERM");
        if (!await state.Supervisor.HasEndedAsync(DownLimit, clock, cancellationToken))
        {
            state.Supervisor.Signal("KILL");
        }

        // An orderly end removes the file; what it still names has been left behind.
        await EndLeftoversAsync(MeshState.Read(files), cancellationToken);
        await output.WriteLineAsync("The mesh is down; its data stays in " + files.Root);
    }

    /// <summary>Prints what runs; true when everything is ready.</summary>
    public async Task<bool> StatusAsync(CancellationToken cancellationToken)
    {
        if (MeshState.Read(files) is not { } state)
        {
            await output.WriteLineAsync("The mesh does not run: ./kum up starts it.");
            return false;
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var isGood = state.Supervisor.IsAlive;
        await output.WriteLineAsync($"{"NAME",-20} {"PID",-8} {"PORT",-6} STATE");
        await output.WriteLineAsync($"{"supervisor",-20} {state.Supervisor.Id,-8} {"",-6} {(state.Supervisor.IsAlive ? state.Doing : "ended")}");
        foreach (var process in state.Processes)
        {
            var condition = await ConditionAsync(process, http, cancellationToken);
            isGood &= condition is "ready" or "runs";
            await output.WriteLineAsync($"{process.Name,-20} {process.Process.Id,-8} {process.Port,-6} {condition}{(condition is "ready" or "runs" || process.Log is null ? "" : "; see " + process.Log)}");
        }

        return isGood && state.IsReady;
    }

    private static async Task<string> ConditionAsync(MeshProcess process, HttpClient http, CancellationToken cancellationToken)
    {
        if (!process.Process.IsAlive)
        {
            return "ended";
        }

        if (process.Health is null)
        {
            return "runs";
        }

        try
        {
            using var answer = await http.GetAsync(process.Health, cancellationToken);
            return answer.IsSuccessStatusCode ? "ready" : $"not ready ({(int)answer.StatusCode})";
        }
        catch (Exception silent) when (silent is HttpRequestException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return "does not answer";
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var told = "";
        var wasSeen = false;
        while (true)
        {
            var state = MeshState.Read(files);
            wasSeen |= state is not null;
            if (state is { IsReady: true })
            {
                return;
            }

            if ((state is null && wasSeen) || state?.Supervisor.IsAlive == false || (!wasSeen && clock.GetElapsedTime(start) > TimeSpan.FromSeconds(30)))
            {
                throw new MeshException($"The mesh did not start. The end of {files.SupervisorLog}:\n{string.Join('\n', File.ReadLines(files.SupervisorLog).TakeLast(25))}");
            }

            if (clock.GetElapsedTime(start) > UpLimit)
            {
                throw new MeshException($"The mesh is not ready after {UpLimit.TotalMinutes:0} minutes: ./kum status says what is missing.");
            }

            if (state is not null && state.Doing != told)
            {
                told = state.Doing;
                await output.WriteLineAsync("  " + told);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
        }
    }

    private async Task EndLeftoversAsync(MeshState? state, CancellationToken cancellationToken)
    {
        if (state is null)
        {
            return;
        }

        // The servers last, as the supervisor would have done it.
        foreach (var process in state.Processes.Reverse().Select(static process => process.Process).Where(static process => process.IsAlive))
        {
            process.Signal("TERM");
            if (!await process.HasEndedAsync(LeftoverGrace, clock, cancellationToken))
            {
                process.Signal("KILL");
            }
        }

        File.Delete(files.State);
    }

    // In a session of its own, so that neither the terminal's end nor Ctrl-C in it reaches the mesh.
    private void StartSupervisor(IReadOnlyList<string> arguments)
    {
        var self = Path.Combine(AppContext.BaseDirectory, "KongUpgradeMesh.Lab.Mesh.dll");
        var shell = "exec \"$@\" >\"$KUM_MESH_LOG\" 2>&1 </dev/null";
        var info = new ProcessStartInfo("setsid", ["--fork", "sh", "-c", shell, "kum-mesh", "dotnet", self, "run", .. arguments]) { WorkingDirectory = "/" };
        info.Environment["KUM_MESH_LOG"] = files.SupervisorLog;
        using var starter = Process.Start(info) ?? throw new MeshException("setsid could not be started.");
        starter.WaitForExit();
    }
}

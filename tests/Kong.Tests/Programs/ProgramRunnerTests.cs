using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.Tests.Programs;

public sealed class ProgramRunnerTests
{
    private readonly ProgramRunner _programs = new(TimeProvider.System);

    [Fact]
    public async Task Tells_exit_code_output_and_error_and_passes_variables()
    {
        var result = await RunAsync("printf '%s' \"$KUM_GIVEN\"; printf '%s' \"${HOME-unset}\" >&2; exit 3", new Dictionary<string, string?> { ["KUM_GIVEN"] = "given", ["HOME"] = null });
        Assert.Equal((3, "given", "unset", false), (result.ExitCode, result.Output, result.Error, result.Succeeded));
    }

    [Fact]
    public async Task Gives_the_program_its_input()
    {
        var result = await _programs.RunAsync(new ProgramCall { File = "sh", Arguments = ["-c", "cat; echo end"], Input = "grüße\n" }, CancellationToken.None);
        Assert.Equal("grüße\nend\n", result.Output);
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_is_none_the_worse()
    {
        var result = await _programs.RunAsync(new ProgramCall { File = "sh", Arguments = ["-c", "exit 4"], Input = new string('x', 1_000_000) }, CancellationToken.None);
        Assert.Equal(4, result.ExitCode);
    }

    [Fact]
    public async Task Keeps_only_the_end_of_much_output()
    {
        var result = await RunAsync("yes line | head -c 1000000; echo the-end");
        Assert.EndsWith("the-end\n", result.Output, StringComparison.Ordinal);
        Assert.InRange(result.Output.Length, 1, 2 * 64 * 1024);
    }

    [Fact]
    public async Task Does_not_wait_for_a_daemon_that_holds_the_pipes() => Assert.True((await RunAsync("sleep 30 & exit 0")).Duration < TimeSpan.FromSeconds(20));

    [Fact]
    public async Task Kills_what_runs_too_long_and_all_that_it_started()
    {
        var mark = Path.Combine(Path.GetTempPath(), $"kum-run-{Guid.NewGuid():N}");
        var call = new ProgramCall { File = "sh", Arguments = ["-c", $"sleep 600 & echo $! > {mark}; wait"], Timeout = TimeSpan.FromMilliseconds(300) };

        // On a busy machine its time may be up before it has started anything.
        for (; !await HasStartedAsync(mark); call = call with { Timeout = call.Timeout * 2 })
        {
            var failure = (await Assert.ThrowsAsync<StepFailedException>(() => _programs.RunAsync(call, CancellationToken.None))).Failure;
            Assert.Equal(FailureCodes.StepTimedOut, failure.Code);
        }

        await IsGoneAsync(mark);
        File.Delete(mark);
        using var cancelled = new CancellationTokenSource();
        var running = _programs.RunAsync(call with { Timeout = TimeSpan.FromMinutes(10) }, cancelled.Token);
        await TestKit.Eventually.HoldsAsync("what it starts", () => HasStartedAsync(mark));
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await IsGoneAsync(mark);
        File.Delete(mark);
    }

    [Fact]
    public async Task Names_a_program_that_is_not_there() => Assert.Equal(
        FailureCodes.ToolMissing,
        (await Assert.ThrowsAsync<StepFailedException>(() => _programs.RunAsync(new ProgramCall { File = "/no/such/program" }, CancellationToken.None))).Failure.Code);

    private static async Task<bool> HasStartedAsync(string mark) => File.Exists(mark) && (await File.ReadAllTextAsync(mark)).EndsWith('\n');

    // A process whose parent has not yet asked for its end stays in the list as a zombie.
    private static async Task IsGoneAsync(string mark)
    {
        var stat = $"/proc/{(await File.ReadAllTextAsync(mark)).Trim()}/stat";
        await TestKit.Eventually.HoldsAsync("the end of what it started", async () =>
        {
            try
            {
                return (await File.ReadAllTextAsync(stat)).Split(") ")[^1][0] == 'Z';
            }
            catch (IOException)
            {
                return true;
            }
        });
    }

    private Task<ProgramResult> RunAsync(string script, IReadOnlyDictionary<string, string?>? environment = null) =>
        _programs.RunAsync(new ProgramCall { File = "sh", Arguments = ["-c", script], Environment = environment ?? new Dictionary<string, string?>() }, CancellationToken.None);
}

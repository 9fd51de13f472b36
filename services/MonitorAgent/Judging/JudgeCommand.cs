using System.CommandLine;
using System.CommandLine.Parsing;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.Kong.Specs;
using KongUpgradeMesh.MonitorAgent.Recordings;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary><c>kum judge</c>: the judge without an upgrade, on live clusters or on a recording. Run where the nodes' metrics can be reached: on a monitor agent's host.</summary>
public static class JudgeCommand
{
    private static readonly TimeSpan LongestWatch = TimeSpan.FromDays(30);

    /// <summary>Whether a command line is this command's and not the service's.</summary>
    public static bool IsMeant(IReadOnlyList<string> args) => args is ["judge", ..];

    /// <summary>Parses and runs; returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync();
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }

        await Console.Error.WriteLineAsync("kum judge --help shows what is possible.");
        return ExitCodes.Usage;
    }

    private static RootCommand Create()
    {
        var spec = new Option<string?>("--spec") { Description = "An upgrade's spec, YAML or JSON (- is standard input): which nodes are read, and with which thresholds they are judged" };
        var replay = new Option<string?>("--replay") { Description = "A recording to be judged again, with the thresholds it was recorded with or with those of --spec" };
        var length = new Option<TimeSpan>("--for") { Description = "How long to judge, for example 90s or 2h; a failed verdict ends it at once", DefaultValueFactory = static _ => TimeSpan.FromMinutes(5), CustomParser = ReadLength };
        var weight = new Option<int>("--weight") { Description = "Percent of the clients that the load balancer leads to cluster Y now, 0 to 100", DefaultValueFactory = static _ => 50 };
        var record = new Option<string?>("--record") { Description = "Also write what is seen to this new file, for --replay" };
        var output = new Option<string>("--output", "-o") { Description = "text, or json: one document a line", DefaultValueFactory = static _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        weight.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 100)
            {
                result.AddError("--weight must be 0 to 100 percent");
            }
        });
        const string Description = """
            Judge cluster Y against cluster X as an upgrade would, without any upgrade: no coordinator, no broker; nothing is changed.
            Exit code: 0 passed, 1 failed, 3 inconclusive, 4 could not be measured, 6 the spec or the recording is wrong, 64 the command line is wrong.
            """;
        var judge = new Command("judge", Description) { spec, replay, length, weight, record, output };
        judge.Validators.Add(result => CheckTogether(result, spec, replay, [length, weight, record]));
        judge.SetAction((parsed, cancellationToken) =>
        {
            var text = new JudgeText(parsed.GetValue(output) == "json", Console.Out, Console.Error);
            return GuardAsync(text, () => parsed.GetValue(replay) is { } recording
                ? ReplayAsync(recording, parsed.GetValue(spec), text, cancellationToken)
                : LiveAsync(parsed.GetValue(spec)!, parsed.GetValue(length), parsed.GetValue(weight), parsed.GetValue(record), text, cancellationToken), cancellationToken);
        });
        return new RootCommand("Judges clusters by hand on a monitor agent's host.") { judge };
    }

    private static TimeSpan ReadLength(ArgumentResult result)
    {
        if (DurationText.TryParse(result.Tokens[0].Value, out var length) && length > TimeSpan.Zero && length <= LongestWatch)
        {
            return length;
        }

        result.AddError($"--for must be a duration up to 30 days such as 90s, 5m or 2h, not '{result.Tokens[0].Value}'");
        return default;
    }

    private static void CheckTogether(CommandResult result, Option<string?> spec, Option<string?> replay, IReadOnlyList<Option> liveOnly)
    {
        if (result.GetResult(replay) is null)
        {
            if (result.GetResult(spec) is null)
            {
                result.AddError("say what is to be judged: --spec FILE for live clusters, --replay FILE for a recording");
            }

            return;
        }

        foreach (var option in liveOnly.Where(o => result.GetResult(o) is { Implicit: false }))
        {
            result.AddError($"{option.Name} means nothing with --replay");
        }
    }

    private static async Task<int> LiveAsync(string path, TimeSpan length, int weightY, string? record, JudgeText text, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var spec = await ReadSpecAsync(path, problems, cancellationToken);
        if (record is not null && File.Exists(record))
        {
            problems.Add($"--record {record}: the file exists; recordings are not overwritten");
        }
        else if (record is not null && Path.GetDirectoryName(Path.GetFullPath(record)) is { } directory && !Directory.Exists(directory))
        {
            problems.Add($"--record {record}: there is no directory {directory}");
        }

        if (spec is null || problems.Count > 0)
        {
            throw new JudgeRefusedException(problems);
        }

        using var judge = new LiveJudge(spec, weightY, record, text);
        return ExitCodes.Of((await judge.RunAsync(length, cancellationToken)).Verdict);
    }

    private static async Task<int> ReplayAsync(string path, string? specPath, JudgeText text, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var spec = specPath is null ? null : await ReadSpecAsync(specPath, problems, cancellationToken);
        Recording? recording = null;
        try
        {
            recording = await Recording.ReadAsync(path, cancellationToken);
        }
        catch (RecordingException unusable)
        {
            problems.AddRange(unusable.Problems);
        }

        if (recording is null || problems.Count > 0)
        {
            throw new JudgeRefusedException(problems);
        }

        var replay = Replay.Of(recording, spec);
        text.Write(recording, replay);
        return ExitCodes.Of(replay.Verdict);
    }

    private static async Task<UpgradeSpec?> ReadSpecAsync(string path, List<string> problems, CancellationToken cancellationToken)
    {
        try
        {
            var reading = SpecReader.Read(await SpecFile.ReadAsync(path, cancellationToken));
            problems.AddRange(reading.Problems.Select(p => $"{path}: {p.Path}: {p.Message}"));
            return reading.Spec;
        }
        catch (SpecFileException wrong)
        {
            problems.Add(wrong.Message);
            return null;
        }
    }

    /// <summary>Runs a command; failures become messages and exit codes here and nowhere else.</summary>
    private static async Task<int> GuardAsync(JudgeText text, Func<Task<int>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (JudgeRefusedException refused)
        {
            text.Write(refused.Problems);
            return ExitCodes.Refused;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception unexpected)
        {
            await Console.Error.WriteLineAsync(unexpected.ToString());
            return ExitCodes.Defect;
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Recordings;
using Spectre.Console;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>Shows judgements to people, or one JSON document a line to machines.</summary>
internal sealed class JudgeText(bool isJson, TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private LiveDisplayContext? _live;
    private Verdict? _shown;

    /// <summary>Keeps a table on the terminal while something is judged; elsewhere every change of the verdict is a line.</summary>
    public Task ShowAsync(Func<Task> judging) => isJson || Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi
        ? judging()
        : AnsiConsole.Live(new Text("Reading the nodes …")).Overflow(VerticalOverflow.Crop).StartAsync(context =>
        {
            _live = context;
            return judging();
        });

    public void Show(Observation seen, Judgement judgement)
    {
        if (isJson)
        {
            Line(new { type = "interval", at = seen.Elapsed.TotalSeconds, judgement.Verdict, requestsX = seen.X.SinceStart.Total, requestsY = seen.Y.SinceStart.Total, judgement.Findings });
        }
        else if (_live is not null)
        {
            _live.UpdateTarget(FindingTable.Of($"{seen.Elapsed:hh\\:mm\\:ss}   {judgement.Verdict}   {seen.X.SinceStart.Total:0} requests on X, {seen.Y.SinceStart.Total:0} on Y", judgement.Findings));
            _live.Refresh();
        }
        else if (_shown != judgement.Verdict)
        {
            output.WriteLine($"{At(seen.Elapsed)}  {judgement.Verdict,-12}  {FindingTable.Sentence(judgement.Findings[0])}");
        }

        _shown = judgement.Verdict;
    }

    public void WriteEnd(Judgement last)
    {
        if (isJson)
        {
            Line(new { type = "end", last.Verdict, last.Findings });
            return;
        }

        output.WriteLine();
        if (_live is null)
        {
            FindingTable.Write(output, last.Findings);
        }

        output.WriteLine($"Verdict: {last.Verdict}");
    }

    public void Write(Recording recording, Replay replay)
    {
        if (recording.IsTorn)
        {
            Warn("The last line of the recording was cut off and is left out.");
        }

        var header = recording.Header;
        if (isJson)
        {
            foreach (var now in replay.Now)
            {
                Line(new { type = "verdict", at = now.At.TotalSeconds, now.Verdict, now.Evidence!.Findings });
            }

            Line(new
            {
                type = "end",
                replay.Verdict,
                seconds = replay.Length.TotalSeconds,
                recorded = replay.Then.Select(static v => new { at = v.At.TotalSeconds, v.Verdict }),
                replay.Now[^1].Last!.Findings,
            });
            return;
        }

        output.WriteLine(
            $"{header.Step.Cluster}, {header.Step.Name} of upgrade {header.Step.UpgradeId}: {header.WeightY} % on Y, {header.VersionX} -> {header.VersionY}, {At(replay.Length)} s from {header.StartedAt:u}"
            + (header.Part > 1 ? $", part {header.Part}" : ""));
        output.WriteLine($"recorded: {string.Join(", ", replay.Then.Select(static v => $"{v.Verdict} at {At(v.At)} s"))}");
        output.WriteLine($"now:      {string.Join(", ", replay.Now.Select(static v => $"{v.Verdict} at {At(v.At)} s"))}");
        foreach (var fallen in replay.Now.Where(static v => v.Verdict is Verdict.Failed or Verdict.Errored or Verdict.Passed))
        {
            output.WriteLine();
            output.WriteLine($"{fallen.Verdict} at {At(fallen.At)} s:");
            FindingTable.Write(output, [.. fallen.Evidence!.Findings.Where(f => f.Verdict == fallen.Verdict || f.Override is not null)]);
        }

        output.WriteLine();
        output.WriteLine("At the end:");
        FindingTable.Write(output, replay.Now[^1].Last!.Findings);
        output.WriteLine($"Verdict: {replay.Verdict}");
    }

    public void Write(Failure failure)
    {
        if (isJson)
        {
            Line(new { type = "failure", failure });
            return;
        }

        error.WriteLine($"{failure.Code}: {failure.Message}");
        foreach (var detail in failure.Details)
        {
            error.WriteLine($"  {detail}");
        }
    }

    public void Write(IReadOnlyList<string> problems)
    {
        if (isJson)
        {
            Line(new { type = "refused", problems });
            return;
        }

        error.WriteLine($"Nothing was judged; {(problems.Count == 1 ? "one thing is" : $"{problems.Count} things are")} wrong:");
        foreach (var problem in problems)
        {
            error.WriteLine($"  {problem}");
        }
    }

    public void Warn(string warning) => error.WriteLine(warning);

    private static string At(TimeSpan at) => at.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private void Line(object document) => output.WriteLine(JsonSerializer.Serialize(document, Json));
}

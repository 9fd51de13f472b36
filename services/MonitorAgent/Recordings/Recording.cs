using System.Text.Json;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>A recorded watch.</summary>
/// <param name="Header">What was watched.</param>
/// <param name="Intervals">What was seen, in order; at least one.</param>
/// <param name="IsTorn">Whether the last line was cut off, as by a killed process; it is left out.</param>
public sealed record Recording(RecordingHeader Header, IReadOnlyList<RecordedTick> Intervals, bool IsTorn)
{
    private const long LargestFile = 2L * 1024 * 1024 * 1024;
    private const int MostProblems = 20;

    /// <summary>Reads a recording whole.</summary>
    /// <exception cref="RecordingException">It cannot be read, or not be trusted; lists everything that is wrong.</exception>
    public static async Task<Recording> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestFile })
            {
                throw new RecordingException([$"{path} is larger than 2 GiB; no recording is."]);
            }

            RecordingHeader? header = null;
            var intervals = new List<RecordedTick>();
            var (number, torn) = (0, (string?)null);
            await foreach (var text in File.ReadLinesAsync(path, cancellationToken))
            {
                if (torn is not null)
                {
                    Add(problems, torn);
                    torn = null;
                }

                if (++number == 1)
                {
                    header = HeaderOf(text, problems);
                }
                else if (IntervalOf(text, number, out torn) is { } interval)
                {
                    Check(interval, intervals.LastOrDefault(), number, problems);
                    intervals.Add(interval);
                }
            }

            if (problems.Count == 0 && intervals.Count == 0)
            {
                problems.Add(number == 0 ? "it is empty" : "it holds no interval: the watch ended before its first judgement");
            }

            return problems.Count == 0 ? new Recording(header!, intervals, torn is not null) : throw new RecordingException([.. problems.Select(p => $"{path}: {p}")]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException([$"{path} cannot be read: {exception.Message}"]);
        }
    }

    private static RecordingHeader? HeaderOf(string text, List<string> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("header", out var element)
                && element.ValueKind == JsonValueKind.Object
                && element.TryGetProperty("version", out var version)
                && version.TryGetInt32(out var number))
            {
                if (number == RecordingHeader.CurrentVersion)
                {
                    return element.Deserialize<RecordingHeader>(RecordingFormat.Json);
                }

                Add(problems, $"line 1: version {number} of the format; this program reads version {RecordingHeader.CurrentVersion}");
                return null;
            }

            Add(problems, "line 1: not the header of a recording");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            Add(problems, $"line 1: not the header of a recording ({exception.Message})");
        }

        return null;
    }

    private static RecordedTick? IntervalOf(string text, int number, out string? problem)
    {
        problem = null;
        try
        {
            if (JsonSerializer.Deserialize<Dictionary<string, RecordedTick>>(text, RecordingFormat.Json)?.GetValueOrDefault("interval") is { } interval)
            {
                return interval;
            }

            problem = $"line {number}: not an interval";
        }
        catch (JsonException exception)
        {
            problem = $"line {number}: not an interval ({exception.Message})";
        }

        return null;
    }

    private static void Check(RecordedTick interval, RecordedTick? before, int number, List<string> problems)
    {
        var tick = interval.Tick;
        if (tick.Length <= TimeSpan.Zero || tick.At < tick.Length || (before is not null && tick.At <= before.Tick.At))
        {
            Add(problems, $"line {number}: its time does not follow the line before");
        }

        if (tick.X.Nodes.Count == 0 || tick.Y.Nodes.Count == 0)
        {
            Add(problems, $"line {number}: it names no node of a cluster");
        }
    }

    private static void Add(List<string> problems, string problem)
    {
        if (problems.Count < MostProblems)
        {
            problems.Add(problem);
        }
        else if (problems.Count == MostProblems)
        {
            problems.Add("and more");
        }
    }
}

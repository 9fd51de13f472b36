using System.Diagnostics;
using System.Text;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace KongUpgradeMesh.MonitorAgent.Tests.Sources;

/// <summary>What is made of nginx's log, and of a file that is not quite one.</summary>
public sealed class NginxLogs : IDisposable
{
    private const string Good = "x|200|200|0.001|0.002\n";
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-nginx-log-").FullName;
    private readonly FakeTimeProvider _clock = new();
    private readonly NginxSource _source;

    public NginxLogs() => _source = new NginxSource(Log, _clock);

    private string Log => Path.Combine(_directory, "kum.log");

    public void Dispose()
    {
        _source.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("200|200|0.001|0.002", 1, 0, 0, 0, 0, 0)]
    [InlineData("503|503|0.000|0.004", 1, 1, 0, 0, 0, 0)]
    [InlineData("404|404|0.000|0.004", 1, 0, 1, 0, 0, 0)]
    [InlineData("101|101|0.000|0.004", 1, 0, 0, 0, 0, 0)]
    [InlineData("502|502|-|-", 1, 1, 0, 1, 0, 0)] // refused, or no server left
    [InlineData("504|504|0.001|-", 1, 1, 0, 0, 1, 0)] // connected, never answered
    [InlineData("200|502, 200|-, 0.001|-, 0.004", 1, 0, 0, 0, 0, 1)] // repeated on another node
    [InlineData("502|502, 504|-, 0.001|-, -", 1, 1, 0, 0, 1, 1)]
    [InlineData("200|200 : 200|0.001 : 0.001|0.002 : 0.003", 1, 0, 0, 0, 0, 0)] // went on to another location
    [InlineData("499|-|0.001|-", 0, 0, 0, 0, 0, 0)] // the client left
    [InlineData("499|502, -|-, 0.001|-, -", 0, 0, 0, 0, 0, 1)]
    [InlineData("400|-|-|-", 0, 0, 0, 0, 0, 0)] // nginx's own answer
    public void Counts_how_requests_ended(string rest, int answers, int serverErrors, int clientErrors, int connections, int responses, int repetitions)
    {
        var counts = new NginxCounts();
        counts.Take(Encoding.UTF8.GetBytes($"y|{rest}"));
        Assert.Equal(new BalancerTally(answers, serverErrors, clientErrors, connections, responses, 0, repetitions), counts.Y);
        Assert.Equal((BalancerTally.None, 1, 0), (counts.X, counts.Lines, counts.Malformed));
    }

    [Theory]
    [InlineData("|400|-|-|-")] // not understood
    [InlineData("|200|-|-|-")] // the control location
    public void A_request_that_nginx_answered_before_it_chose_a_side_is_no_foreign_line(string line)
    {
        var counts = new NginxCounts();
        counts.Take(Encoding.UTF8.GetBytes(line));
        Assert.Equal((BalancerTally.None, BalancerTally.None, 1, 0), (counts.X, counts.Y, counts.Lines, counts.Malformed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("z|200|200|0.001|0.002")]
    [InlineData("|200|200|0.001|0.002")]
    [InlineData("x|200|200|0.001")]
    [InlineData("x|200|200|0.001|0.002|")]
    [InlineData("x|20|200|0.001|0.002")]
    [InlineData("x|2000|200|0.001|0.002")]
    [InlineData("x|-|200|0.001|0.002")]
    [InlineData("x|200||0.001|0.002")]
    [InlineData("x|200|200, |0.001, |0.002, ")]
    [InlineData("x|200|200, 200|0.001|0.002")]
    [InlineData("x|200|200|0.001, 0.001|0.002, 0.002")]
    [InlineData("x|200|200, 200|0.001 : 0.001|0.002, 0.002")]
    [InlineData("x|200|200|0.001|0.002 ")]
    [InlineData("127.0.0.1 - - [27/Nov/2026:00:26:03 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/7.88.1\"")]
    public void Counts_nothing_of_any_other_line(string line)
    {
        var counts = new NginxCounts();
        counts.Take(Encoding.UTF8.GetBytes(line));
        Assert.Equal((BalancerTally.None, BalancerTally.None, 0, 1), (counts.X, counts.Y, counts.Lines, counts.Malformed));
    }

    [Fact]
    public async Task What_was_there_before_is_not_counted_and_half_a_line_waits_for_its_other_half()
    {
        Write(Good + "x|200|20");
        Assert.Equal(0, (await ReadAsync()).X.Answers);
        Write("0|0.001|0.002\n" + Good + "x|5");
        Assert.Equal(1, (await ReadAsync()).X.Answers);
        Write("02|502|-|-\n");
        Assert.Equal((2, 1), ((await ReadAsync()).X.Answers, (await ReadAsync()).X.ServerErrors));
    }

    [Fact]
    public async Task A_rotated_log_is_followed_and_its_last_lines_are_counted()
    {
        Write(Good);
        await ReadAsync();
        Write(Good);
        File.Move(Log, Log + ".1");
        File.AppendAllText(Log + ".1", Good);
        Assert.Equal(2, (await ReadAsync()).X.Answers);
        Write(Good);
        File.AppendAllText(Log + ".1", Good);
        Assert.Equal(4, (await ReadAsync()).X.Answers);
        File.AppendAllText(Log + ".1", Good);
        Assert.Equal(5, (await ReadAsync()).X.Answers);
        File.Delete(Log);
        Write(Good);
        Assert.Equal(6, (await ReadAsync()).X.Answers);
    }

    [Fact]
    public async Task A_log_that_is_emptied_in_place_is_read_from_its_beginning()
    {
        Write(Good + Good);
        await ReadAsync();
        File.WriteAllText(Log, Good);
        Assert.Equal(1, (await ReadAsync()).X.Answers);
    }

    [Fact]
    public async Task A_log_that_is_missing_foreign_or_of_other_lines_is_a_problem()
    {
        Assert.Contains("does not exist", (await _source.ReadAsync(TestContext.Current.CancellationToken)).Problem, StringComparison.Ordinal);
        Write(Good);
        Assert.Equal(1, (await ReadAsync()).X.Answers);
        Write(string.Concat(Enumerable.Repeat(Good, 97)) + "other\nother\n");
        Assert.Contains("2 of 100 lines", await ProblemAsync(), StringComparison.Ordinal);
        Write(new string('x', 200_000) + "\n");
        Assert.Contains("3 of 101 lines", await ProblemAsync(), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Write(Good);
        Assert.Equal(99, (await ReadAsync()).X.Answers);
    }

    [Fact]
    public async Task Other_lines_are_not_forgotten_because_the_next_reading_finds_none()
    {
        Write("");
        await ReadAsync();
        Write(Good + "other\n" + Good + "other\n");
        Assert.Contains("2 of 4 lines", await ProblemAsync(), StringComparison.Ordinal);
        Assert.Contains("2 of 4 lines", await ProblemAsync(), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("2 of 4 lines", await ProblemAsync(), StringComparison.Ordinal);
        Write(Good);
        Assert.Equal(3, (await ReadAsync()).X.Answers);
    }

    [Fact]
    public async Task A_log_of_other_lines_alone_is_a_problem_from_its_first_line_on_and_a_single_one_among_others_is_none()
    {
        Write("");
        await ReadAsync();
        Write("other\n");
        Assert.Contains("1 of 1 lines", await ProblemAsync(), StringComparison.Ordinal);
        Write(Good);
        Assert.Equal(1, (await ReadAsync()).X.Answers);
    }

    [Fact]
    public async Task What_is_no_plain_file_is_a_problem()
    {
        await MakePipeAsync();
        using var writer = OpenPipe();
        Assert.Contains("no plain file", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reading_that_never_ends_keeps_nobody_from_ending_the_watch()
    {
        await MakePipeAsync();
        var source = new NginxSource(Log, _clock);
        try
        {
            // Nobody writes the pipe, and so it is not even opened.
            var reading = source.ReadAsync(TestContext.Current.CancellationToken);
            _clock.Advance(TimeSpan.FromSeconds(3));
            Assert.Contains("cannot be read within", (await reading).Problem, StringComparison.Ordinal);
            await Task.Run(source.Dispose, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        finally
        {
            using var writer = OpenPipe();
        }
    }

    [Fact]
    public async Task More_than_can_be_read_at_once_is_said_and_nothing_of_it_is_lost()
    {
        const int Lines = 1_000_000;
        Write("");
        await ReadAsync();
        Write(string.Concat(Enumerable.Repeat(Good, Lines)));
        Assert.Contains("faster", (await _source.ReadAsync(TestContext.Current.CancellationToken)).Problem, StringComparison.Ordinal);
        Assert.Equal(Lines, (await ReadAsync()).X.Answers);
    }

    private void Write(string text) => File.AppendAllText(Log, text);

    private async Task MakePipeAsync()
    {
        using var program = Process.Start("mkfifo", [Log]);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, program.ExitCode);
    }

    // Who opens a pipe for both waits for nobody at its other end.
    private SafeFileHandle OpenPipe() => File.OpenHandle(Log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    private async Task<string> ProblemAsync() => (await _source.ReadAsync(TestContext.Current.CancellationToken)).Problem ?? "none";

    private async Task<BalancerReading> ReadAsync()
    {
        var reading = await _source.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Null(reading.Problem);
        return reading;
    }
}

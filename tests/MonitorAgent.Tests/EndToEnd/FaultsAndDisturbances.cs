using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>The agent's own watch over two real clusters: every fault gets the right verdict for the right reason, and what is nobody's fault fails nobody.</summary>
public sealed class FaultsAndDisturbances(ClusterBench bench, ITestOutputHelper output) : IClassFixture<ClusterBench>
{
    public static TheoryData<string> Cases => [.. Matrix.Rows.Select(static r => r.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Are_judged_as_they_deserve(string name)
    {
        var row = Matrix.Rows.Single(r => r.Name == name);
        Assert.SkipWhen(row.Awaits is not null, row.Awaits ?? "");
        var seen = await bench.SeeAsync(row);
        output.WriteLine($"{seen.Took.TotalSeconds:0.0} s{Environment.NewLine}{seen}");
        switch (row.Expected)
        {
            case Expectation.Failed:
                Assert.Contains(seen.Failed, f => f.Indicator == row.Indicator && f.Message.Contains(row.Reason, StringComparison.Ordinal));
                Assert.All(seen.Failed, f => Assert.Contains(f.Indicator, row.Along.Prepend(row.Indicator)));
                break;
            case Expectation.Blind:
                Assert.Contains(seen.Complaints(row.Indicator!), f => f.Message.Contains(row.Reason, StringComparison.Ordinal));
                Assert.DoesNotContain(seen.Verdicts, static v => v.Verdict is Verdict.Passed or Verdict.Failed);
                break;
            case Expectation.Reported:
                Assert.Contains(seen.Complaints(row.Indicator!), f => f.Message.Contains(row.Reason, StringComparison.Ordinal));
                Assert.Empty(seen.Failed);
                break;
            default:
                Assert.Empty(seen.Failed);
                break;
        }

        if (row.Culprits.Count > 0)
        {
            Assert.Contains(
                row.Expected == Expectation.Failed ? seen.Failed : seen.Complaints(row.Indicator!),
                f => row.Culprits.Any(c => f.Route == c || f.Message.Contains(c, StringComparison.Ordinal)));
        }
    }
}

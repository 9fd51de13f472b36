using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers.HAProxy;

namespace KongUpgradeMesh.MonitorAgent.Tests.Sources;

public sealed class HAProxyAnswers
{
    private const string Columns = "# pxname,svname,wretr,wredis,econ,eresp,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,\n";
    private const string X = "x,BACKEND,1,2,3,4,5,6,7,8,9,10,\n";
    private const string Y = "y,BACKEND,0,0,0,0,0,100,0,0,0,0,\n";

    [Fact]
    public void Reads_both_backends_and_no_other_row()
    {
        var reading = HAProxyStatistics.Read(Columns + "x,FRONTEND,,,,,1,1,1,1,1,1,\n" + X + "x,n1,50,50,50,50,50,50,50,50,50,50,\n" + Y + "\n", "x", "y");
        Assert.Null(reading.Problem);
        Assert.Equal(new BalancerTally(45, 9, 8, 3, 4, 1, 2), reading.X);
        Assert.Equal(new BalancerTally(100, 0, 0, 0, 0, 0, 0), reading.Y);
    }

    [Theory]
    [InlineData("", "no table")]
    [InlineData("Unknown command: 'show stat'", "no table")]
    [InlineData(Columns, "no backend x")]
    [InlineData(Columns + X, "no backend y")]
    [InlineData(Columns + X + X + Y, "2 backends x")]
    [InlineData(Columns + X + "y,BACKEND,0,0,0,0,,,,,,,\n", "mode http")]
    [InlineData(Columns + X + "y,BACKEND,0,0\n", "mode http")]
    [InlineData(Columns + X + "y,BACKEND,0,0,0,0,0,-1,0,0,0,0,\n", "no count")]
    [InlineData(Columns + X + "y,BACKEND,0,0,0,0,0,1e3,0,0,0,0,\n", "no count")]
    [InlineData(Columns + X + "y,BACKEND,0,0,0,0,0,99999999999999999999,0,0,0,0,\n", "no count")]
    [InlineData("# pxname,svname,wretr\nx,BACKEND,1\ny,BACKEND,1\n", "hrsp_1xx")]
    public void What_is_not_known_is_a_problem_and_never_a_zero(string answer, string problem) =>
        Assert.Contains(problem, HAProxyStatistics.Read(answer, "x", "y").Problem, StringComparison.Ordinal);
}

using System.Runtime.Versioning;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Running;
using KongUpgradeMesh.Lab.Demo.Specs;

namespace KongUpgradeMesh.System.Tests.Executables;

/// <summary>Kong may lie anywhere: the operator names two executables.</summary>
[Collection("mesh of processes")]
[UnsupportedOSPlatform("windows")]
public sealed class CustomExecutablesTests(ITestOutputHelper output) : IDisposable
{
    // Not CreateTempSubdirectory: PostgreSQL runs as another user and must be let through.
    private readonly string _directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"kum-exe-{Guid.NewGuid().ToString("N")[..8]}")).FullName;

    [Fact]
    public async Task Upgrades_between_two_executables_that_lie_outside_the_tree()
    {
        var result = await RunAsync(Wrapper("old-gateway", StandInKong.DefaultX), Wrapper("new gateway", StandInKong.DefaultY));

        Assert.True(result.Outcome == DemoOutcome.Completed, result.ToJsonText());
        Assert.All(result.Checks, check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));
        Assert.Equal(("2.8.5", "3.4.2"), (result.From, result.To));
    }

    [Fact]
    public async Task Refuses_an_upgrade_to_the_version_that_is_there_already()
    {
        var kong = Wrapper("gateway", StandInKong.DefaultY);

        var refused = await Assert.ThrowsAsync<ApiProblemException>(() => RunAsync(kong, kong));

        Assert.NotEqual(FailureCodes.Unexpected, refused.Problem.Failure.Code);
        output.WriteLine($"{refused.Problem.Failure}");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<DemoResult> RunAsync(string x, string y)
    {
        await using var screen = new DemoScreen(TextWriter.Null, null, TimeProvider.System);
        var options = new DemoOptions
        {
            Directory = Path.Combine(_directory, "work"),
            KongX = x,
            KongY = y,
            RequestsPerSecond = 40,
            Pacing = new LabPacing { Steps = [50, 100], MinimumRequests = 5, Dwell = TimeSpan.FromSeconds(4), Soak = TimeSpan.FromSeconds(3), DecideWithin = TimeSpan.FromMinutes(2) },
        };
        return await new DemoRun(options, TimeProvider.System).RunAsync(screen, CancellationToken.None);
    }

    private string Wrapper(string name, string target)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, $"#!/bin/sh\nexec '{target}' \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}

using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Cli;

/// <summary><c>kong config db_export</c> and <c>db_import</c>.</summary>
public sealed class ConfigCommandTests(LabFixture lab)
{
    [Fact]
    public async Task What_is_exported_can_be_imported_elsewhere()
    {
        await using var source = new KongCli("2.8.5", lab.Postgres.Port, await lab.RestoreRecordedAsync());
        var file = Path.Combine(Path.GetTempPath(), $"export-{Guid.NewGuid():N}.yaml");
        await source.MustAsync("config", "db_export", file);
        Assert.StartsWith("_format_version: '2.1'\n_transform: false\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var cli = new KongCli("2.8.5", lab.Postgres.Port, await lab.CreateDatabaseAsync());
        await cli.MustAsync("migrations", "bootstrap");
        await cli.MustAsync("config", "db_import", file);
        await using var kong = await RunningKong.StartAsync(cli);
        Assert.Equal(81, ((JsonArray)(await kong.GetAdminAsync("/routes?size=1000"))["data"]!).Count);
        Assert.Equal(33, ((JsonArray)(await kong.GetAdminAsync("/plugins?size=1000"))["data"]!).Count);
        Assert.Equal(401, await kong.ProxyStatusAsync("/api/orders"));
        File.Delete(file);
    }
}

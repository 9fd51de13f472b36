using System.Xml.Linq;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Architecture.Tests;

public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["shared/Contracts"] = [],
        ["shared/Messaging"] = [],
        ["shared/Kong"] = ["shared/Contracts"],
        ["shared/Hosting"] = ["shared/Contracts"],
        ["services/Coordinator"] = ["shared/Contracts", "shared/Messaging", "shared/Hosting"],
        ["services/BackupAgent"] = ["shared/Contracts", "shared/Hosting", "shared/Kong"],
        ["services/DeployAgent"] = ["shared/Contracts", "shared/Hosting", "shared/Kong"],
        ["services/TrafficAgent"] = ["shared/Contracts", "shared/Hosting", "shared/Kong"],
        ["services/MonitorAgent"] = ["shared/Contracts", "shared/Hosting", "shared/Kong"],
        ["cli"] = ["shared/Contracts", "shared/Kong"],
    };

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_project_references_only_what_it_may_know(string folder)
    {
        var directory = Path.Combine(Repository.Root, folder);
        var project = Assert.Single(Directory.GetFiles(directory, "*.csproj"));
        var referenced = XDocument.Load(project).Descendants("ProjectReference")
            .Select(r => Path.GetFullPath(Path.Combine(directory, r.Attribute("Include")!.Value.Replace('\\', '/'))))
            .Select(path => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!));

        Assert.Empty(referenced.Except(Allowed[folder]));
    }

    [Fact]
    public void Every_folder_of_shared_and_services_is_under_the_rule()
    {
        var folders = new[] { "shared", "services" }
            .SelectMany(top => Directory.GetDirectories(Path.Combine(Repository.Root, top)).Select(d => $"{top}/{Path.GetFileName(d)}"));

        Assert.Empty(folders.Except(Allowed.Keys));
    }

    [Fact]
    public void MassTransit_is_pinned_to_the_last_free_version()
    {
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Where(p => p.Attribute("Include")!.Value.StartsWith("MassTransit", StringComparison.Ordinal));

        Assert.All(versions, p => Assert.Equal("[8.5.12]", p.Attribute("Version")!.Value));
    }
}

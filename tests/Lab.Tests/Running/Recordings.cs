using System.Text.Json.Nodes;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Running;

/// <summary>What real Kong nodes answered.</summary>
public static class Recordings
{
    /// <summary>Their folder; skips the running test where they are not given.</summary>
    public static string Folder()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        return RequiredServer.RecordedKong!;
    }

    public static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), path)))!;
}

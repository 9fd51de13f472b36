using System.Text.RegularExpressions;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>Holds the configuration that the documentation gives to copy against that of a server under test.</summary>
internal static partial class DocumentedConfiguration
{
    /// <summary>Every line of the page's block that has <paramref name="word"/> is a line of the file, under the lab's names and secret.</summary>
    public static void IsIn(string page, string word, string file, string secret)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "traffic", page));
        var block = Block().Matches(text).Select(static m => m.Groups[1].Value).Single(b => b.Contains(word, StringComparison.Ordinal));
        var used = File.ReadAllLines(file).Select(static l => l.Trim()).ToHashSet();

        Assert.All(
            block.Replace("example.com", DnsLayout.Zone, StringComparison.Ordinal).Replace("SECRET", secret, StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Contains(line.Trim(), used));
    }

    [GeneratedRegex("^```[a-z]*\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}

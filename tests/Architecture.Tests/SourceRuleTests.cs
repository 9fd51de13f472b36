using System.Text.RegularExpressions;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Architecture.Tests;

public sealed partial class SourceRuleTests
{
    private const int LongFile = 300;

    public static IEnumerable<string> Sources(params string[] tops) => tops
        .SelectMany(top => Directory.EnumerateFiles(Path.Combine(Repository.Root, top), "*.cs", SearchOption.AllDirectories))
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    [Fact]
    public void No_production_file_is_longer_than_300_lines_but_the_machine_and_the_spec_reader()
    {
        // The machine is the life of an upgrade in one piece; the reader is one flat function per section of the spec.
        string[] excepted = ["UpgradeStateMachine.cs", "SpecReader.cs"];
        var tooLong = Sources("shared", "services", "cli").Where(p => !excepted.Contains(Path.GetFileName(p))).Where(p => File.ReadLines(p).Count() > LongFile);

        Assert.Empty(tooLong.Select(p => Path.GetRelativePath(Repository.Root, p)));
    }

    [Fact]
    public void No_folder_or_type_is_named_after_a_pattern_instead_of_the_domain()
    {
        Assert.DoesNotContain(Sources("shared", "services", "cli", "lab").Select(p => Path.GetRelativePath(Repository.Root, p)), p => Pattern().IsMatch(p));
    }

    [Fact]
    public void Nothing_in_the_tree_names_a_path_of_a_developers_machine()
    {
        Assert.DoesNotContain(Sources("shared", "services", "cli", "lab", "tests"), p => MachinePath().IsMatch(File.ReadAllText(p)));
    }

    [Fact]
    public void Nothing_uses_the_delayed_exchange_or_an_outbox_that_forgets()
    {
        var forbidden = Forbidden();
        Assert.DoesNotContain(Sources("shared", "services"), p => forbidden.IsMatch(File.ReadAllText(p)));
    }

    [GeneratedRegex(@"(^|/)(Helpers|Managers|Utils|Common|Interfaces)/|(Helper|Manager|Util|Utils)\.cs$")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"/(main|wt|steering|\.library)/services|""(/home|/Users)/")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"UseDelayedRedelivery|UseDelayedMessageScheduler|UseInMemoryOutbox|AddDelayedMessageScheduler")]
    private static partial Regex Forbidden();
}

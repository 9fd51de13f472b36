using System.Reflection;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Contracts.Tests;

/// <summary>The wire shape of every contract, committed: a change shows in review, and a rename shows as what it is, a break.</summary>
public sealed class ApprovedContractsTests
{
    [Fact]
    public void The_contracts_are_the_approved_ones()
    {
        var path = Path.Combine(Repository.Root, "tests", "Contracts.Tests", "Contracts.approved.txt");
        var actual = Render();
        if (Environment.GetEnvironmentVariable("KUM_WRITE_APPROVED") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual);
    }

    [Fact]
    public void Failure_codes_are_distinct_and_listed()
    {
        var constants = typeof(FailureCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToList();

        Assert.Equal(constants.Count, constants.Distinct().Count());
        Assert.Equal(constants.Order(), FailureCodes.All.Order());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    public void A_split_cannot_hold_a_weight_outside_0_to_100(int weight) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrafficSplit { WeightY = weight });

    private static string Render()
    {
        var text = new StringBuilder();
        foreach (var type in typeof(Failure).Assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append('\n');
            var members = type.IsEnum
                ? type.GetEnumNames()
                : type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "EqualityContract").Select(p => $"{p.Name}: {NameOf(p.PropertyType)}");
            foreach (var member in members.Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}

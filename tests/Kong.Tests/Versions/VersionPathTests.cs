using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.Kong.Tests.Versions;

public sealed class VersionPathTests
{
    [Theory]
    [InlineData("2.8.5", "3.4.2", VersionJump.LongTerm)]
    [InlineData("3.4.2", "3.10.0.7", VersionJump.LongTerm)]
    [InlineData("3.10.0.7", "3.14.0.0", VersionJump.LongTerm)]
    [InlineData("2.8.5", "3.0.2", VersionJump.Minor)]
    [InlineData("3.9.1", "3.10.0", VersionJump.Minor)]
    [InlineData("3.4.2", "3.4.3.5", VersionJump.Patch)]
    [InlineData("3.4.2", "3.4.2", VersionJump.None)]
    public void Allows_what_Kong_guarantees(string from, string to, VersionJump jump)
    {
        var path = VersionPath.Judge(KongVersion.Parse(from), KongVersion.Parse(to));
        Assert.Equal(jump, path.Jump);
        Assert.True(path.IsAllowed);
    }

    [Theory]
    [InlineData("2.8.5", "3.9.1")]
    [InlineData("3.0.0", "3.2.0")]
    [InlineData("2.7.0", "3.4.2")]
    [InlineData("1.5.0", "2.8.5")]
    [InlineData("3.4.2", "2.8.5")]
    public void Refuses_everything_else(string from, string to) =>
        Assert.False(VersionPath.Judge(KongVersion.Parse(from), KongVersion.Parse(to)).IsAllowed);

    [Fact]
    public void Names_the_shortest_guaranteed_way() =>
        Assert.Equal(["2.8", "3.4", "3.5", "3.6"], VersionPath.Judge(KongVersion.Parse("2.8.5"), KongVersion.Parse("3.6.1")).Hops);

    [Fact]
    public void Calls_a_downgrade_by_its_name() =>
        Assert.Equal(VersionJump.Downgrade, VersionPath.Judge(KongVersion.Parse("3.10.0"), KongVersion.Parse("3.9.1")).Jump);
}

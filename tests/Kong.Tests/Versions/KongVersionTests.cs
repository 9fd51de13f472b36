using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.Kong.Tests.Versions;

public sealed class KongVersionTests
{
    [Theory]
    [InlineData("2.8.5", 2, 8, 5, 0)]
    [InlineData("3.10", 3, 10, 0, 0)]
    [InlineData("3.4.3.5", 3, 4, 3, 5)]
    [InlineData("2.8.4.1-enterprise-edition", 2, 8, 4, 1)]
    public void Reads_what_Kong_writes(string text, int major, int minor, int patch, int build) =>
        Assert.Equal(new KongVersion(major, minor, patch, build), KongVersion.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("3")]
    [InlineData("latest")]
    [InlineData("3.4.2.1.9")]
    public void Refuses_what_is_no_version(string? text) => Assert.False(KongVersion.TryParse(text, out _));

    [Fact]
    public void Counts_numbers_not_letters()
    {
        Assert.True(KongVersion.Parse("3.10.0") > KongVersion.Parse("3.9.1"));
        Assert.True(KongVersion.Parse("3.4.3.5") > KongVersion.Parse("3.4.3"));
        Assert.True(KongVersion.Parse("3.4.3-enterprise-edition") == KongVersion.Parse("3.4.3"));
    }

    [Theory]
    [InlineData("2.8.5\n", "2.8.5")]
    [InlineData("Kong Enterprise 3.4.3.5\n", "3.4.3.5")]
    public void Finds_the_version_in_the_output_of_the_executable(string output, string expected)
    {
        Assert.True(KongVersion.TryFind(output, out var version));
        Assert.Equal(expected, version.ToString());
    }

    [Theory]
    [InlineData("014_230_to_270,015_270_to_280", "2.8")]
    [InlineData("010_210_to_211,020_330_to_340", "3.4")]
    [InlineData("024_390_to_3100", "3.10")]
    public void Reads_from_migrations_how_far_a_database_is(string names, string line) =>
        Assert.Equal(line, SchemaVersion.NewestOf(names.Split(','))?.Line);

    [Fact]
    public void Does_not_guess_when_migrations_name_no_version() => Assert.Null(SchemaVersion.NewestOf(["000_base"]));
}

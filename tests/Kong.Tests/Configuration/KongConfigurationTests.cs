using KongUpgradeMesh.Kong.Configuration;

namespace KongUpgradeMesh.Kong.Tests.Configuration;

public sealed class KongConfigurationTests
{
    [Fact]
    public void Lets_a_variable_win_over_the_file()
    {
        var set = KongConfiguration.Merge("pg_host = a\npg_port=5433 # near\n#prefix = /x\n", [new("KONG_PG_HOST", "b"), new("PATH", "/bin")]);
        Assert.Equal("b", set["pg_host"]);
        Assert.Equal("5433", set["pg_port"]);
        Assert.Equal(["pg_host", "pg_port"], set.Keys);
    }

    [Fact]
    public void Reads_quotes_and_escaped_hashes()
    {
        var set = KongConfiguration.Merge("pg_password = 'a\\#b'\nadmin_gui_url = \"http://x\"", []);
        Assert.Equal("a#b", set["pg_password"]);
        Assert.Equal("http://x", set["admin_gui_url"]);
    }

    [Fact]
    public void Does_not_take_plumbing_for_settings() => Assert.Empty(KongConfiguration.Merge(null, [new("KONG_PASSWORD", "x"), new("KONG_LICENSE_DATA", "{}")]).Keys);

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    [InlineData("true", true)]
    public void Knows_when_a_setting_is_on(string value, bool isOn) => Assert.Equal(isOn, KongConfiguration.Merge("pg_ssl = " + value, []).IsOn("pg_ssl"));
}

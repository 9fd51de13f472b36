using KongUpgradeMesh.Kong.Specs;

namespace KongUpgradeMesh.Kong.Tests.Specs;

public class YamlToJsonTests
{
    [Theory]
    [InlineData("a: 25", """{"a":25}""")]
    [InlineData("a: '25'", """{"a":"25"}""")]
    [InlineData("a: \"3.4\"", """{"a":"3.4"}""")]
    [InlineData("a: 3.10", """{"a":3.10}""")]
    [InlineData("a: 2.8.5", """{"a":"2.8.5"}""")]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: \"true\"", """{"a":"true"}""")]
    [InlineData("a: no", """{"a":"no"}""")]
    [InlineData("a: 00:00:10", """{"a":"00:00:10"}""")]
    [InlineData("a: 12:30", """{"a":"12:30"}""")]
    [InlineData("a: 010", """{"a":10}""")]
    [InlineData("a: .5", """{"a":0.5}""")]
    [InlineData("a: 1e400", """{"a":1e400}""")]
    [InlineData("a: 10s", """{"a":"10s"}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a: ''", """{"a":""}""")]
    [InlineData("a: !!str 25", """{"a":"25"}""")]
    [InlineData("a: [1, two, {b: 3}]", """{"a":[1,"two",{"b":3}]}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("""{"a": "25", "b": [true, null]}""", """{"a":"25","b":[true,null]}""")]
    public void Keeps_the_type_that_was_written(string yaml, string json) =>
        Assert.Equal(json, SpecFile.Parse(yaml, "spec.yaml").GetRawText());

    [Theory]
    [InlineData("a: 1\na: 2", "spec.yaml:2:1")]
    [InlineData("a: [1", "spec.yaml:")]
    [InlineData("", "spec.yaml:")]
    [InlineData("a: 1\n---\nb: 2", "spec.yaml:")]
    [InlineData("a:\n  <<: {b: 1}", "spec.yaml:2:3")]
    public void Says_where_a_file_is_wrong(string yaml, string where) =>
        Assert.StartsWith(where, Assert.Throws<SpecFileException>(() => SpecFile.Parse(yaml, "spec.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void Refuses_aliases_that_expand_without_end()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(n => $"a{n}: &a{n} [{string.Join(", ", Enumerable.Repeat($"*a{n - 1}", 10))}]\n"));

        Assert.Throws<SpecFileException>(() => SpecFile.Parse(bomb, "spec.yaml"));
    }

    [Fact]
    public void Reads_strict_JSON_from_a_json_file()
    {
        Assert.Equal("""{"a":1}""", SpecFile.Parse("""{"a":1}""", "spec.json").GetRawText());
        Assert.StartsWith("spec.json:1:", Assert.Throws<SpecFileException>(() => SpecFile.Parse("a: 1", "spec.json")).Message, StringComparison.Ordinal);
    }
}

using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Preflight.Writers;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

public sealed class WriterSignsTests
{
    private static readonly WriterObservations Nothing = new()
    {
        Watched = TimeSpan.FromSeconds(3),
        KongRole = "kong",
        NodeAddresses = new HashSet<string> { "10.0.0.5" },
    };

    [Fact]
    public void Says_that_nobody_was_seen_and_that_this_is_no_proof()
    {
        var seen = Nothing with { Newest = new NewestChange("plugins", TimeSpan.FromDays(9)), Tags = [new TagCount("blue", 7)] };
        Assert.Empty(WriterSigns.Judge(seen));
        Assert.Equal("no writer seen within 3 s, and no tool left its mark; that does not prove that there is none", WriterSigns.Summary(seen, []));
    }

    [Theory]
    [InlineData("managed-by-deck", WriterKind.Deck)]
    [InlineData("managed_by:deck-ai", WriterKind.Deck)]
    [InlineData("OAS3_import", WriterKind.Deck)]
    [InlineData("managed-by-ingress-controller", WriterKind.IngressController)]
    [InlineData("k8s-namespace:shop", WriterKind.IngressController)]
    [InlineData("managed-by-terraform", WriterKind.Terraform)]
    public void Knows_the_tags_of_tools(string tag, WriterKind kind)
    {
        var writer = Assert.Single(WriterSigns.Judge(Nothing with { Tags = [new TagCount(tag, 12), new TagCount("deckchairs", 3)] }));
        Assert.Equal(kind, writer.Kind);
        Assert.Equal([$"Entities with the tag {tag}: 12."], writer.Evidence);
    }

    [Theory]
    [InlineData("kong", "", "10.0.0.5", null)] // a node before 3.4
    [InlineData("kong", "kong", "10.0.0.5", null)]
    [InlineData("kong", "kong", null, null)] // hidden from our role: nothing speaks against a node
    [InlineData("kong", "kong", "10.0.0.9", WriterKind.UnknownSession)]
    [InlineData("app", "", "10.0.0.5", WriterKind.UnknownSession)]
    [InlineData("kong", "psql", "10.0.0.5", WriterKind.DirectSql)]
    [InlineData("dba", "DBeaver 24.1 - Main <kong>", "10.0.0.7", WriterKind.DirectSql)]
    public void Tells_nodes_of_Kong_from_other_sessions(string role, string application, string? address, WriterKind? kind)
    {
        var writers = WriterSigns.Judge(Nothing with { Sessions = [new WriterSession(role, application, address, 2)] });
        Assert.Equal(kind, writers.Count == 0 ? null : Assert.Single(writers).Kind);
    }

    [Fact]
    public void Takes_accounts_consoles_and_changes_for_signs_of_people()
    {
        var writers = WriterSigns.Judge(Nothing with
        {
            Consoles = new Dictionary<string, string> { ["x1"] = "0.0.0.0:8002" },
            Accounts = new Dictionary<string, long> { ["admins"] = 3, ["developers"] = 0 },
            WrittenRows = new Dictionary<string, long> { ["services"] = 4 },
            Newest = new NewestChange("services", TimeSpan.FromSeconds(2)),
        });
        Assert.Equal([WriterKind.AdminApi, WriterKind.KongManager], writers.Select(static w => w.Kind));
        Assert.Equal(2, writers[0].Evidence.Count);
        Assert.Equal(2, writers[1].Evidence.Count);
        Assert.All(writers, static w => Assert.NotEmpty(w.Pause));
    }

    [Fact]
    public void Names_what_it_could_not_look_at() =>
        Assert.EndsWith("; not looked at: tags (not permitted)", WriterSigns.Summary(Nothing with { Unseen = ["tags (not permitted)"] }, []), StringComparison.Ordinal);
}

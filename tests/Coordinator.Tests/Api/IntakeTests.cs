using System.Net;
using System.Net.Http.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Coordinator.Tests.Api;

[Collection("coordinator")]
public sealed class IntakeTests(CoordinatorFixture mesh)
{
    [Fact]
    public async Task Five_mistakes_are_answered_at_once_with_their_paths_and_start_nothing()
    {
        var spec = SpecText.For("Wrong_Name").Replace("\"3.4.2\"", "3.4").Replace("\"1s\", \"decideWithin\"", "\"soon\", \"decideWithin\"")
            .Replace("[10, 100]", "[10, 5, 100]").Replace("\"user\": \"kong\"", "\"usr\": \"kong\"");
        using var response = await mesh.PostStartAsync(spec, "wrong-1");
        var problem = await response.Content.ReadFromJsonAsync<ApiProblem>(CoordinatorFixture.Json);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(FailureCodes.SpecInvalid, problem!.Failure.Code);
        Assert.Equal(
            [
                "spec.cluster", "spec.from.database.user", "spec.from.database.usr", "spec.to.database.user", "spec.to.database.usr",
                "spec.to.version", "spec.traffic.dwell", "spec.traffic.steps[1]",
            ],
            problem.Problems.Select(p => p.Path).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(await mesh.Http.GetFromJsonAsync<List<UpgradeView>>("/api/v1/upgrades", CoordinatorFixture.Json) ?? [], v => v.RequestId == "wrong-1");
    }

    [Fact]
    public async Task A_secret_in_a_spec_is_refused_and_not_repeated()
    {
        var spec = SpecText.For("secret").Replace("\"user\": \"kong\"", "\"user\": \"kong\", \"password\": \"hunter2-plain\"");
        using var response = await mesh.PostStartAsync(spec, "secret-1");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain("hunter2-plain", text);
        Assert.Contains("spec.from.database.password", text);
    }

    [Fact]
    public async Task A_repeated_request_starts_nothing_and_is_answered_as_the_first_was()
    {
        var first = await mesh.StartAsync(SpecText.For("repeated"), "repeat-1");
        using var again = await mesh.PostStartAsync(SpecText.For("repeated"), "repeat-1");
        var accepted = await again.Content.ReadFromJsonAsync<UpgradeAccepted>(CoordinatorFixture.Json);

        Assert.Equal(first, accepted!.UpgradeId);
        Assert.True(accepted.IsRepeat);
    }

    [Fact]
    public async Task A_second_upgrade_of_a_busy_cluster_is_refused_with_the_id_of_the_first()
    {
        var first = await mesh.StartAsync(SpecText.For("busy", """ "gates": [ { "before": "Freeze" } ] """));
        using var second = await mesh.PostStartAsync(SpecText.For("busy"), "busy-2");
        var problem = await second.Content.ReadFromJsonAsync<ApiProblem>(CoordinatorFixture.Json);

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(first, problem!.RunningUpgradeId);
        using var abort = await mesh.OperateAsync(first, "abort");
    }

    [Fact]
    public async Task Ten_starts_for_one_cluster_at_once_start_one_upgrade()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => mesh.PostStartAsync(SpecText.For("race", """ "gates": [ { "before": "Freeze" } ] """), $"race-{i}")));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(9, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task An_unknown_upgrade_is_not_found_for_every_verb()
    {
        foreach (var verb in new[] { "pause", "resume", "approve", "rollback", "retry", "abort" })
        {
            using var answer = await mesh.OperateAsync(Guid.NewGuid(), verb);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_upgrade_whose_datacenter_has_no_agent_waits_and_explains_for_whom()
    {
        var id = await mesh.StartAsync(SpecText.For("nowhere").Replace("\"datacenter\": \"t1\"", "\"datacenter\": \"t9\""));
        await mesh.ReachesAsync(id, "Preflight");
        var explanation = await mesh.Http.GetFromJsonAsync<Explanation>($"/api/v1/upgrades/{id}/explain", CoordinatorFixture.Json);

        Assert.Contains(explanation!.WaitingFor, w => w.Contains("deploy agent of datacenter t9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        var document = await mesh.Http.GetStringAsync("/openapi/v1.json");
        Assert.Contains("/api/v1/upgrades", document);
    }
}

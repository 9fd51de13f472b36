using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Admin;

/// <summary>Sends the recorded requests to a node on the recorded database, in the order of the recording, and compares status and shape of the answers.</summary>
public sealed class RecordedAdminApiTests(LabFixture lab)
{
    // Bodies that tell of nginx, of schemas and of timers; agents read none of it and only their status is compared.
    private static readonly HashSet<string> StatusOnly = ["root", "endpoints", "list-timers"];

    // Pages that follow from an offset of another page size in the recording.
    private static readonly HashSet<string> Unordered = ["page2-services", "page3-services"];

    [Theory]
    [InlineData("2.8.5")]
    [InlineData("3.4.2")]
    public async Task Answers_as_recorded(string version)
    {
        var database = await lab.RestoreRecordedAsync();
        var cli = new KongCli(version, lab.Postgres.Port, database);
        if (version == "3.4.2")
        {
            await cli.MustAsync("migrations", "up");
            await cli.MustAsync("migrations", "finish");
        }

        await using var kong = await RunningKong.StartAsync(cli);
        var differences = new List<string>();
        var compared = 0;
        foreach (var name in Order(version))
        {
            var recording = Recordings.Json($"{version}/admin-api/{name}.json");
            var (status, body) = await SendAsync(recording["request"]!, name == "status-on-status-api" || name == "status-ready" ? kong.Status : kong.Admin);
            compared++;
            if (status != (int)recording["status"]!)
            {
                differences.Add($"{name}: status {recording["status"]} expected, {status} found: {body?.ToJsonString()}");
                continue;
            }

            if (!StatusOnly.Contains(name) && recording["body"] is not JsonValue)
            {
                differences.AddRange(JsonShape.Differences(recording["body"], body).Where(d => !IsAllowed(name, d)).Select(d => $"{name}: {d}"));
            }

            // Refusals are compared word by word: agents and people read them.
            if (status is >= 400 and < 500 && recording["body"]?["message"] is { } message && body?["message"]?.ToString() != message.ToString())
            {
                differences.Add($"{name}: \"{message}\" expected, \"{body?["message"]}\" found");
            }
        }

        Assert.True(compared > 100, $"only {compared} recordings were compared");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    // Known differences: the schemas of the stand-in leave out the sentences that describe fields.
    private static bool IsAllowed(string name, string difference) =>
        name.StartsWith("schema-", StringComparison.Ordinal) && difference.EndsWith(".description: missing", StringComparison.Ordinal);

    // The summary lists the requests in the order in which they were made; the later ones need what the earlier ones stored.
    private static IEnumerable<string> Order(string version) =>
        File.ReadLines(Path.Combine(Recordings.Folder(), version, "admin-api-summary.txt"))
            .Select(l => l.Split(' ', 2)[0])
            .Where(n => n.Length > 0 && !Unordered.Contains(n))
            .Distinct()
            .Where(n => File.Exists(Path.Combine(Recordings.Folder(), version, "admin-api", n + ".json")));

    private static async Task<(int Status, JsonNode? Body)> SendAsync(JsonNode recorded, HttpClient client)
    {
        using var request = new HttpRequestMessage(new HttpMethod((string)recorded["method"]!), (string)recorded["path"]!);
        if (recorded["body"] is { } body)
        {
            request.Content = new StringContent(body is JsonValue text ? text.ToString() : body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, answer.Length == 0 ? null : JsonNode.Parse(answer));
    }
}

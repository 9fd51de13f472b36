using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.StandInKubernetes;
using KongUpgradeMesh.Lab.StandInKubernetes.Access;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.Lab.Tests.Kubernetes;

/// <summary>Holds the stand-in of the API server against what a real one answered.</summary>
public sealed class RecordedExchangesTests
{
    private const string Collection = "/apis/gateway.networking.k8s.io/v1/namespaces/shift/httproutes";
    private const string WatchFile = "20-watch.txt";

    // The store's revision before the first recorded write.
    private const long Revision = 654;

    private static readonly Account[] Accounts =
    [
        new("admin", "kubernetes-admin", [AccessRule.Everything]),
        new("limited", "system:serviceaccount:shift:shift-agent",
            [new() { Verbs = ["get", "patch"], Group = "gateway.networking.k8s.io", Resource = "httproutes", Namespace = "shift", Names = ["gw"] }]),
    ];

    [Fact]
    public async Task Every_recorded_request_is_answered_as_the_real_server_did()
    {
        Assert.SkipUnless(RequiredServer.RecordedKubernetes is not null, RequiredServer.NoKubernetesRecordings);
        var token = TestContext.Current.CancellationToken;
        var files = Directory.GetFiles(RequiredServer.RecordedKubernetes!, "*.txt").Order(StringComparer.Ordinal).ToList();
        var watched = files.Single(static f => Path.GetFileName(f) == WatchFile);
        var exchanges = files.Where(f => f != watched).Select(Transcript.Read).ToList();
        var clock = new FakeTimeProvider(exchanges[0].Date);
        await using var server = await ApiServer.StartAsync(new ApiServerLayout { Port = LoopbackPorts.Take(), Accounts = Accounts, Revision = Revision }, clock, token);
        server.Seed(exchanges[0].Answer.AsObject());
        using var client = server.CreateClient("admin");
        client.DefaultRequestHeaders.UserAgent.ParseAdd("curl/7.88.1");

        var differences = new List<string>();
        foreach (var exchange in exchanges)
        {
            // The watch was open while the last edit was made.
            using var watch = exchange == exchanges[^1] ? await client.GetStreamReaderAsync($"{Collection}?watch=true&resourceVersion=657", token) : null;
            clock.SetUtcNow(exchange.Date);
            differences.AddRange(await DifferencesAsync(client, exchange, token));
            if (watch is not null)
            {
                var line = JsonNode.Parse((await watch.ReadLineAsync(token))!)!;
                Compare(WatchFile, JsonNode.Parse(await File.ReadAllTextAsync(watched, token))!, line, differences);
            }
        }

        Assert.True(exchanges.Count >= 20, $"only {exchanges.Count} exchanges");
        Assert.Empty(differences);
    }

    private static async Task<List<string>> DifferencesAsync(HttpClient client, Transcript exchange, CancellationToken cancellationToken)
    {
        var differences = new List<string>();
        using var request = new HttpRequestMessage(exchange.Method, exchange.Path);
        // Whose token it was is told by what the exchange is about; tokens were not recorded.
        request.Headers.Authorization = exchange.Name switch
        {
            "14-unauthorized.txt" => new AuthenticationHeaderValue("Bearer", "wrong"),
            "15-forbidden.txt" or "16-sa-get.txt" => new AuthenticationHeaderValue("Bearer", "limited"),
            _ => null,
        };
        if (exchange.Body is not null)
        {
            request.Content = new StringContent(exchange.Body, Encoding.UTF8, new MediaTypeHeaderValue(exchange.ContentType!));
        }

        using var response = await client.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode != exchange.Status)
        {
            differences.Add($"{exchange.Name}: status {(int)response.StatusCode} instead of {exchange.Status}");
        }

        if (response.Content.Headers.ContentType?.MediaType != exchange.Headers["content-type"])
        {
            differences.Add($"{exchange.Name}: content type {response.Content.Headers.ContentType}");
        }

        var warning = response.Headers.TryGetValues("Warning", out var warnings) ? string.Join(", ", warnings) : null;
        if (warning != exchange.Headers.GetValueOrDefault("warning"))
        {
            differences.Add($"{exchange.Name}: warning {warning}");
        }

        Compare(exchange.Name, exchange.Answer, JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!, differences);
        return differences;
    }

    private static void Compare(string name, JsonNode recorded, JsonNode answered, List<string> differences)
    {
        if ((string?)recorded["kind"] == "SelfSubjectAccessReview")
        {
            // Who wrote the review is no part of the answer that anybody asks for.
            recorded["metadata"]!.AsObject().Remove("managedFields");
        }

        if (!JsonNode.DeepEquals(recorded, answered))
        {
            differences.Add($"{name}:\n  recorded {recorded.ToJsonString()}\n  answered {answered.ToJsonString()}");
        }
    }
}

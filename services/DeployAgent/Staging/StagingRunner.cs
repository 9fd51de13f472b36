using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Versions;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Runs all staging tests of an upgrade, a bounded number at a time.</summary>
internal sealed class StagingRunner(StagingClient client, IOptions<DeployOptions> options, TimeProvider clock)
{
    // An upstream may hiccup, and 3.x takes a moment to build its router: only a lasting difference counts.
    private const int Tries = 3;
    private const int CredentialsTried = 5;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private static readonly string[] AuthenticationPlugins =
        ["key-auth", "basic-auth", "jwt", "hmac-auth", "oauth2", "ldap-auth", "key-auth-enc", "openid-connect", "mtls-auth", "ldap-auth-advanced"];

    /// <returns>How many tests said something, what failed, and what could not be tested.</returns>
    public async Task<(int Tests, IReadOnlyList<string> Failures, IReadOnlyList<string> Skipped)> RunAsync(
        UpgradeSpec spec, KongEntities entities, CancellationToken cancellationToken)
    {
        var skipped = new ConcurrentQueue<string>();
        var tests = new List<Func<int, CancellationToken, Task<StagingResult>>>();
        if (spec.Staging.Generated)
        {
            var examples = RouteExamples.Of(entities, KongVersion.Parse(spec.From.Version), spec.Staging.MaximumRoutes);
            examples.Skipped.ToList().ForEach(skipped.Enqueue);
            tests.AddRange(examples.Requests.Select<(RouteEntity, StagingRequest Request), Func<int, CancellationToken, Task<StagingResult>>>(
                e => (index, token) => CompareAsync(spec, index, e.Request, token)));
            tests.AddRange(AuthenticationTests(spec, entities, examples, skipped));
        }

        tests.AddRange(from check in spec.Staging.Checks from node in spec.To.Nodes select Check(check, node));
        var failures = new ConcurrentQueue<string>();
        var said = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.StagingConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(tests.Index(), parallel, async (test, token) =>
        {
            var result = await test.Item(test.Index, token);
            if (result.Skipped is { } reason)
            {
                skipped.Enqueue(reason);
                return;
            }

            Interlocked.Increment(ref said);
            if (result.Failure is { } failure)
            {
                failures.Enqueue(failure);
            }
        });
        return (said, [.. failures.Order(StringComparer.Ordinal)], [.. skipped.Order(StringComparer.Ordinal)]);
    }

    private async Task<StagingResult> CompareAsync(UpgradeSpec spec, int index, StagingRequest request, CancellationToken cancellationToken)
    {
        var (x, y) = await AskBothAsync(spec, index, request, cancellationToken);
        return !AnswerComparison.Agree(x, y) ? StagingResult.Failed($"{request}: X {x.Description}, Y {y.Description}")
            : x.IsUnmatched ? StagingResult.Skip($"{request}: the request reaches no route on cluster X either")
            : StagingResult.Passed;
    }

    private async Task<(ProxyAnswer X, ProxyAnswer Y)> AskBothAsync(UpgradeSpec spec, int index, StagingRequest request, CancellationToken cancellationToken)
    {
        var nodeX = spec.From.Nodes[index % spec.From.Nodes.Count];
        var nodeY = spec.To.Nodes[index % spec.To.Nodes.Count];
        for (var attempt = 1; ; attempt++)
        {
            var x = await client.SendAsync(nodeX.Proxy, request, cancellationToken);
            var y = await client.SendAsync(nodeY.Proxy, request, cancellationToken);
            if (attempt == Tries || AnswerComparison.Agree(x, y))
            {
                return (x, y);
            }

            await Task.Delay(BetweenTries, clock, cancellationToken);
        }
    }

    private IEnumerable<Func<int, CancellationToken, Task<StagingResult>>> AuthenticationTests(
        UpgradeSpec spec, KongEntities entities, RouteExamples examples, ConcurrentQueue<string> skipped)
    {
        foreach (var plugin in entities.Plugins.Where(static p => p.Enabled && AuthenticationPlugins.Contains(p.Name)))
        {
            var label = $"plugin {plugin.Name} ({entities.ScopeOf(plugin)})";
            if (ExampleFor(plugin, examples) is not { } example)
            {
                skipped.Enqueue($"{label}: no request reaches it");
                continue;
            }

            yield return (index, token) => CompareAsync(spec, index, example with { Label = $"{label} without a credential" }, token);
            var proofs = Candidates(plugin, entities)
                .Select(c => CredentialProof.Apply(example with { Label = $"{label} with a credential" }, plugin, c, clock.GetUtcNow()))
                .OfType<StagingRequest>()
                .Take(CredentialsTried)
                .ToList();
            if (proofs.Count == 0)
            {
                skipped.Enqueue($"{label} with a credential: none can be had from the configuration; add a check of your own");
                continue;
            }

            yield return (index, token) => AdmitAsync(spec, index, label, proofs, token);
        }
    }

    // Cluster X decides which credential is good; one that it refuses proves nothing about cluster Y.
    private async Task<StagingResult> AdmitAsync(UpgradeSpec spec, int index, string label, List<StagingRequest> proofs, CancellationToken cancellationToken)
    {
        foreach (var proof in proofs)
        {
            var (x, y) = await AskBothAsync(spec, index, proof, cancellationToken);
            if (!AnswerComparison.Agree(x, y))
            {
                return StagingResult.Failed($"{proof}: X {x.Description}, Y {y.Description}");
            }

            if (x.Status is not (401 or 403))
            {
                return StagingResult.Passed;
            }
        }

        return StagingResult.Skip($"{label} with a credential: cluster X admits none of {proofs.Count} tried");
    }

    private static StagingRequest? ExampleFor(PluginEntity plugin, RouteExamples examples) => examples.Requests
        .Where(e => plugin.RouteId is { } route ? e.Route.Id == route : plugin.ServiceId is not { } service || e.Route.ServiceId == service)
        .Select(static e => e.Request)
        .FirstOrDefault();

    // Those that a group list on the same route or service lets in come first.
    private static IEnumerable<CredentialEntity> Candidates(PluginEntity plugin, KongEntities entities)
    {
        var allowed = entities.Plugins
            .Where(p => p.Enabled && p.Name == "acl" && (p.IsGlobal || (p.RouteId ?? plugin.RouteId) == plugin.RouteId && (p.ServiceId ?? plugin.ServiceId) == plugin.ServiceId))
            .SelectMany(static p => p.Texts("allow"))
            .ToHashSet();
        var members = entities.Groups.Where(g => allowed.Contains(g.Group)).Select(static g => g.ConsumerId).ToHashSet();
        return entities.Credentials.Where(c => c.Plugin == plugin.Name).OrderByDescending(c => members.Contains(c.ConsumerId));
    }

    private Func<int, CancellationToken, Task<StagingResult>> Check(HttpCheckSpec check, NodeSpec node) => async (_, cancellationToken) =>
    {
        var headers = check.Headers.ToDictionary(static h => h.Key, static h => SecretReference.Resolve(h.Value), StringComparer.OrdinalIgnoreCase);
        headers.Remove("Host", out var host);
        var answer = await client.SendAsync(node.Proxy, new($"check {check.Name}", check.Method, check.Path, host, headers), cancellationToken);
        return answer.Status != check.ExpectStatus
            ? StagingResult.Failed($"check {check.Name} on node {node.Name}: expected {check.ExpectStatus}, Y {answer.Description}")
            : check.ExpectBody is { } text && !answer.Body.Contains(text, StringComparison.Ordinal)
                ? StagingResult.Failed($"check {check.Name} on node {node.Name}: the body lacks the expected text")
                : StagingResult.Passed;
    };
}

using KongUpgradeMesh.Lab.Demo.Configuration;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>What the clients of the sample configuration ask for: every kind of route and credential, wrong credentials among them.</summary>
public static class SampleTraffic
{
    // One request in so many is made with a credential that must be refused.
    private const int RefusedShare = 25;

    /// <summary>The requests of all clients, several for each; played in random order they are the load.</summary>
    public static IReadOnlyList<SampleRequest> Requests { get; } = [.. Applications(), .. Partners(), .. Visitors(), .. Strangers()];

    private static IEnumerable<SampleRequest> Applications()
    {
        foreach (var (application, i) in SampleClients.Applications.Select(static (a, i) => (a, i)))
        {
            var headers = new Dictionary<string, string> { ["apikey"] = SampleClients.Key(application) };
            yield return new("GET", "/orders", headers, 200);
            yield return new("GET", $"/orders?page={i}", headers, 200);
            yield return new("GET", $"/orders/{1000 + i}/lines", headers, 200);
            yield return new("POST", "/orders", headers, 200);
            yield return new("GET", "/v2/orders/latest", headers, 200);
            yield return new("GET", "/reports", headers, 200);
            yield return new("GET", $"/reports/2024-{(i % 12) + 1:00}", headers, 200);

            // Half of the applications are not in the payers' group.
            var mayPay = SampleClients.Payers.Contains(application);
            yield return new("GET", "/payments", headers, mayPay ? 200 : 403);
            if (mayPay)
            {
                yield return new("POST", "/payments/refunds", headers, 200);
            }
        }
    }

    private static IEnumerable<SampleRequest> Partners()
    {
        foreach (var partner in SampleClients.Partners)
        {
            var headers = new Dictionary<string, string> { ["Authorization"] = SampleClients.BasicHeader(partner) };
            yield return new("GET", "/partners", headers, 200);
            yield return new("GET", "/partners/offers", headers, 200);
            yield return new("GET", "/", With(headers, "Host", $"{partner}.partners.example.test"), 200);
            yield return new("GET", "/customers", headers, SampleClients.Staff.Contains(partner) ? 200 : 403);
        }
    }

    private static IEnumerable<SampleRequest> Visitors()
    {
        foreach (var (visitor, i) in SampleClients.Visitors.Select(static (v, i) => (v, i)))
        {
            var headers = new Dictionary<string, string> { ["X-Client-Id"] = visitor };
            yield return (i % 6) switch
            {
                0 => new("GET", "/catalog", headers, 200),
                1 => new("GET", "/catalog/images", headers, 200),
                2 => new("GET", "/", With(headers, "Host", "shop.example.test"), 200),
                3 => new("GET", "/search?q=shoes", headers, 200),
                4 => new("GET", "/search/shoes/suggest", headers, 200),
                _ => new("GET", "/find", With(headers, "Host", "search.example.test"), 200),
            };
        }
    }

    private static IEnumerable<SampleRequest> Strangers()
    {
        var rightful = SampleClients.Applications.Count * 9 + SampleClients.Partners.Count * 4 + SampleClients.Visitors.Count;
        for (var i = 0; i < rightful / RefusedShare; i++)
        {
            yield return (i % 3) switch
            {
                0 => new("GET", "/orders", new Dictionary<string, string> { ["apikey"] = $"no-such-key-{i:000}" }, 401),
                1 => new("GET", "/reports", new Dictionary<string, string> { ["X-Client-Id"] = $"keyless-{i:000}" }, 401),
                _ => new("GET", "/partners", new Dictionary<string, string> { ["Authorization"] = SampleClients.BasicHeader($"stranger-{i:000}") }, 401),
            };
        }
    }

    private static Dictionary<string, string> With(Dictionary<string, string> headers, string name, string value) => new(headers) { [name] = value };
}

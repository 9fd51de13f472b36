using KongUpgradeMesh.Lab.Demo.Configuration;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>What the clients of the sample configuration ask for: every kind of route and credential, requests that must be refused among them.</summary>
/// <remarks>Clients of a kind all ask for the same mix. Otherwise the few that are on Y at one percent would differ from the rest by what they do, not by who serves them.</remarks>
public static class SampleTraffic
{
    // Most requests come from the many: a few heavy clients would make the share of Y jump at every step.
    private const double ApplicationShare = 0.25;
    private const double PartnerShare = 0.07;

    private static readonly IReadOnlyList<SampleRequest>[] Applications = [.. SampleClients.Applications.Select(OfApplication)];
    private static readonly IReadOnlyList<SampleRequest>[] Partners = [.. SampleClients.Partners.Select(OfPartner)];
    private static readonly IReadOnlyList<SampleRequest>[] Visitors = [.. SampleClients.Visitors.Select(OfVisitor)];

    /// <summary>How many clients there are.</summary>
    public static int Clients => Applications.Length + Partners.Length + Visitors.Length;

    /// <summary>Every request that any client makes.</summary>
    public static IEnumerable<SampleRequest> All => Applications.Concat(Partners).Concat(Visitors).SelectMany(static r => r);

    /// <summary>The next request of a random client.</summary>
    public static SampleRequest Next(Random random)
    {
        var kind = random.NextDouble() switch
        {
            < ApplicationShare => Applications,
            < ApplicationShare + PartnerShare => Partners,
            _ => Visitors,
        };
        var requests = kind[random.Next(kind.Length)];
        return requests[random.Next(requests.Count)];
    }

    private static SampleRequest[] OfApplication(string application)
    {
        var headers = new Dictionary<string, string> { ["apikey"] = SampleClients.Key(application) };
        List<SampleRequest> requests =
        [
            new(application, "GET", "/orders", headers, 200),
            new(application, "GET", "/orders?page=2", headers, 200),
            new(application, "GET", "/orders/1017/lines", headers, 200),
            new(application, "POST", "/orders", headers, 200),
            new(application, "GET", "/v2/orders/latest", headers, 200),
            new(application, "GET", "/reports", headers, 200),
            new(application, "GET", "/reports/2024-07", headers, 200),
        ];
        if (SampleClients.Payers.Contains(application))
        {
            requests.Add(new(application, "GET", "/payments", headers, 200));
            requests.Add(new(application, "POST", "/payments/refunds", headers, 200));
        }

        return [.. requests];
    }

    private static SampleRequest[] OfPartner(string partner)
    {
        var headers = new Dictionary<string, string> { ["Authorization"] = SampleClients.BasicHeader(partner) };
        List<SampleRequest> requests =
        [
            new(partner, "GET", "/partners", headers, 200),
            new(partner, "GET", "/partners/offers", headers, 200),
            new(partner, "GET", "/", With(headers, "Host", $"{partner}.partners.example.test"), 200),
        ];
        if (SampleClients.Staff.Contains(partner))
        {
            requests.Add(new(partner, "GET", "/customers", headers, 200));
        }

        return [.. requests];
    }

    // About one request in twenty-five asks for what needs a credential and must be refused.
    private static SampleRequest[] OfVisitor(string visitor)
    {
        var headers = new Dictionary<string, string> { ["X-Client-Id"] = visitor };
        SampleRequest[] open =
        [
            new(visitor, "GET", "/catalog", headers, 200),
            new(visitor, "GET", "/catalog/images", headers, 200),
            new(visitor, "GET", "/", With(headers, "Host", "shop.example.test"), 200),
            new(visitor, "GET", "/search?q=shoes", headers, 200),
            new(visitor, "GET", "/search/shoes/suggest", headers, 200),
            new(visitor, "GET", "/find", With(headers, "Host", "search.example.test"), 200),
        ];
        return
        [
            .. Enumerable.Repeat(open, 5).SelectMany(static r => r),
            new(visitor, "GET", "/orders", headers, 401),
            new(visitor, "GET", "/partners", headers, 401),
        ];
    }

    private static Dictionary<string, string> With(Dictionary<string, string> headers, string name, string value) => new(headers) { [name] = value };
}

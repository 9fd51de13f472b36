using KongUpgradeMesh.Lab.Demo.Configuration;
using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>What the clients of the sample configuration ask for: every kind of route and credential, requests that must be refused among them.</summary>
public static class SampleTraffic
{
    // Most requests come from the many: a few heavy clients would make the share of Y jump at every step.
    private const double ApplicationShare = 0.25;
    private const double PartnerShare = 0.07;

    // About one request in sixteen asks for what its sender has no credential for, and must be refused.
    private const int UsualWeight = 5;

    /// <summary>The kinds of clients.</summary>
    public static IReadOnlyList<ClientKind> Kinds { get; } =
    [
        // Every second application may use the payments service.
        Kind("payers", ApplicationShare / 2, SampleClients.Payers, ApiKey, [.. Orders, .. Payments]),
        Kind("applications", ApplicationShare / 2, SampleClients.Applications.Except(SampleClients.Payers), ApiKey, Orders),
        Kind("staff", PartnerShare / 2, SampleClients.Staff, Basic, [.. Offers, new() { Path = "/customers" }]),
        Kind("partners", PartnerShare / 2, SampleClients.Partners.Except(SampleClients.Staff), Basic, Offers),
        Kind("guests", 1 - ApplicationShare - PartnerShare, SampleClients.Guests, static v => new("X-Client-Id", v), [.. Open, .. Refused]),
    ];

    /// <summary>How many clients there are.</summary>
    public static int Clients => Kinds.Sum(static k => k.Clients.Count);

    private static LoadRequest[] Orders =>
    [
        new() { Path = "/orders" },
        new() { Path = "/orders?page=2" },
        new() { Path = "/orders/1017/lines" },
        new() { Path = "/orders", Method = "POST", Body = "{\"item\":17}" },
        new() { Path = "/v2/orders/latest" },
        new() { Path = "/reports" },
    ];

    private static LoadRequest[] Payments =>
    [
        new() { Path = "/payments" },
        new() { Path = "/payments/refunds", Method = "POST", Body = "{\"payment\":4711}" },
    ];

    private static LoadRequest[] Offers =>
    [
        new() { Path = "/partners" },
        new() { Path = "/partners/offers" },
        new() { Path = "/", Headers = Host("acme.partners.example.test") },
    ];

    private static LoadRequest[] Open =>
    [
        new() { Path = "/catalog", Weight = UsualWeight },
        new() { Path = "/catalog/images", Weight = UsualWeight },
        new() { Path = "/", Headers = Host("shop.example.test"), Weight = UsualWeight },
        new() { Path = "/search?q=shoes", Weight = UsualWeight },
        new() { Path = "/search/shoes/suggest", Weight = UsualWeight },
        new() { Path = "/find", Headers = Host("search.example.test"), Weight = UsualWeight },
    ];

    // Routes that nobody may use in this mix: a route that refuses some and serves others would look worse on the side with more of the former.
    private static LoadRequest[] Refused =>
    [
        new() { Path = "/reports/2024-07", Expected = [401] },
        new() { Path = "/customers/export", Expected = [401] },
    ];

    private static KeyValuePair<string, string> ApiKey(string application) => new("apikey", SampleClients.Key(application));

    private static KeyValuePair<string, string> Basic(string partner) => new("Authorization", SampleClients.BasicHeader(partner));

    private static ClientKind Kind(string name, double share, IEnumerable<string> clients, Func<string, KeyValuePair<string, string>> header, LoadRequest[] requests) =>
        new(name, share, [.. clients.Select(c => new LoadClient(c, new Dictionary<string, string>([header(c)])))], requests);

    private static Dictionary<string, string> Host(string name) => new() { ["Host"] = name };
}

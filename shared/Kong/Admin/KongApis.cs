using Refit;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>Makes Refit clients on the shared, resilient HTTP client.</summary>
/// <param name="clients">Gives the HTTP client <see cref="KongApiServices.ClientName"/>.</param>
internal sealed class KongApis(IHttpClientFactory clients) : IKongApis
{
    public IKongAdminApi Admin(Uri address) => RestService.For<IKongAdminApi>(Client(address));

    public IKongStatusApi Status(Uri address) => RestService.For<IKongStatusApi>(Client(address));

    private HttpClient Client(Uri address)
    {
        var client = clients.CreateClient(KongApiServices.ClientName);
        client.BaseAddress = new Uri(address.ToString().TrimEnd('/'));
        return client;
    }
}

using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>Asks for everything in the mix until it is answered as expected: a failure seen later is then the upgrade's and not the sample's.</summary>
internal static class SampleTrafficProof
{
    // A node of 3.x takes some seconds until a new route is known (worker_consistency is eventual).
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task ProveAsync(Uri balancer, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = balancer, Timeout = TimeSpan.FromSeconds(30) };
        var began = clock.GetTimestamp();
        foreach (var kind in SampleTraffic.Kinds)
        {
            foreach (var request in kind.Requests)
            {
                while (await AskAsync(http, kind.Clients[^1], request, cancellationToken) is { } wrong)
                {
                    if (clock.GetElapsedTime(began) > Limit)
                    {
                        throw new LabException($"{request.Method} {request.Path} of {kind.Clients[^1].Key} was answered with {wrong} instead of {request.Expected[0]}.");
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
                }
            }
        }
    }

    private static async Task<string?> AskAsync(HttpClient http, LoadClient client, LoadRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path);
            foreach (var (name, value) in client.Headers.Concat(request.Headers))
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await http.SendAsync(message, cancellationToken);
            return request.Expected.Contains((int)response.StatusCode) ? null : $"{(int)response.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError.ToString();
        }
    }
}

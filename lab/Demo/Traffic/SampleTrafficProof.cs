namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>Asks for everything in the mix until it is answered as expected: a failure seen later is then the upgrade's and not the sample's.</summary>
internal static class SampleTrafficProof
{
    // A node of 3.x takes some seconds until a new route is known (worker_consistency is eventual).
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task ProveAsync(Uri balancer, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = balancer, Timeout = TimeSpan.FromSeconds(10) };
        var began = clock.GetTimestamp();
        foreach (var request in SampleTraffic.All.DistinctBy(static r => (r.Method, r.Path, r.ExpectedStatus, r.Headers.GetValueOrDefault("Host"), r.Client.Split('-')[0])))
        {
            while (await AskAsync(http, request, cancellationToken) is { } wrong)
            {
                if (clock.GetElapsedTime(began) > Limit)
                {
                    throw new LabException($"{request.Method} {request.Path} of {request.Client} was answered with {wrong} instead of {request.ExpectedStatus}.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
            }
        }
    }

    private static async Task<string?> AskAsync(HttpClient http, SampleRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = request.ToMessage();
            using var response = await http.SendAsync(message, cancellationToken);
            return (int)response.StatusCode == request.ExpectedStatus ? null : $"{(int)response.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError.ToString();
        }
    }
}

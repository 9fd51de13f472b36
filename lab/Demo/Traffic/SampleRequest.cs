namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>One kind of request of one client of the sample configuration.</summary>
/// <param name="Client">The client's sticky key: the load balancer keeps all its requests on one side.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Headers, the sticky one among them.</param>
/// <param name="ExpectedStatus">The only right answer, on either cluster.</param>
public sealed record SampleRequest(string Client, string Method, string Path, IReadOnlyDictionary<string, string> Headers, int ExpectedStatus)
{
    /// <summary>The request as it is sent, relative to the load balancer's address.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Path);
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }
}

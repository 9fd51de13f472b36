namespace KongUpgradeMesh.Kong.Admin;

/// <summary>Connections to the nodes of a cluster by their own addresses, past the load balancer.</summary>
public static class NodeConnections
{
    /// <summary>A handler that sends what it is given and gives back what it is answered: no redirection is followed, no cookie kept, no HTTP proxy used. To be disposed by the caller.</summary>
    /// <remarks>Any certificate is accepted: nodes are asked by address, while their certificates name what clients ask for. So nothing may be believed because of it, and no secret
    /// may be sent but what the spec says that clients send.</remarks>
    public static SocketsHttpHandler NewHandler()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
#pragma warning disable CA5359
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return handler;
    }
}

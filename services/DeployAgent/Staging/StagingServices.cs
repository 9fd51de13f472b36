namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Registers what staging tests need.</summary>
internal static class StagingServices
{
    public static IServiceCollection AddStagingClient(this IServiceCollection services)
    {
        services.AddHttpClient(StagingClient.ClientName, static client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // Each request has a bound of its own.
                client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "kong-upgrade-mesh-staging");
            })
            .RemoveAllLoggers() // Requests carry credentials.
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,

                // Nodes are called by address, their certificates are made out to the names that clients use.
#pragma warning disable CA5359
                SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
            });
        return services.AddSingleton<StagingClient>();
    }
}

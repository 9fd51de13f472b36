using KongUpgradeMesh.Kong.Admin;

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
            .ConfigurePrimaryHttpMessageHandler(NodeConnections.NewHandler);
        return services.AddSingleton<StagingClient>();
    }
}

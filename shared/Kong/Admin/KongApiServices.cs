using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>Registers the clients of Kong's own APIs.</summary>
public static class KongApiServices
{
    /// <summary>Name of the HTTP client behind all of them.</summary>
    public const string ClientName = "kong-api";

    private static readonly TimeSpan PerTry = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan InAll = TimeSpan.FromSeconds(10);

    /// <summary>Adds <see cref="IKongApis"/>; repeated calls add it once.</summary>
    public static IServiceCollection AddKongApis(this IServiceCollection services)
    {
        if (services.Any(static s => s.ServiceType == typeof(IKongApis)))
        {
            return services;
        }

        services.TryAddSingleton<IKongApis, KongApis>();
        services.AddHttpClient(ClientName)
            .ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan) // The pipeline below bounds it.
            .RemoveAllLoggers() // Asked every few hundred milliseconds while a node starts; callers log what came of it.
            .AddResilienceHandler("kong-api", static pipeline =>
            {
                var retry = new HttpRetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.FromMilliseconds(200), UseJitter = true };

                // A write that seemed to fail may have been done; who asked for it reads back and decides.
                retry.DisableForUnsafeHttpMethods();
                pipeline.AddTimeout(InAll).AddRetry(retry).AddTimeout(PerTry);
            });
        return services;
    }
}

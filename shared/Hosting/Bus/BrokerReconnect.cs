using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;

namespace KongUpgradeMesh.Hosting.Bus;

/// <summary>How soon a service is back on the bus once the broker is.</summary>
/// <remarks>
/// MassTransit waits up to 30 s between two attempts and offers no setting for it, so that a broker's restart of half a
/// minute keeps agents away for a whole one: long enough for the dead-man switch to take a healthy upgrade back to cluster X.
/// The schedule is replaced where MassTransit keeps it; its version is pinned, and a test fails if the place ever moves.
/// </remarks>
internal static class BrokerReconnect
{
    /// <summary>The longest wait between two attempts, before MassTransit's jitter.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>Retries what MassTransit would, at intervals of <see cref="Longest"/> at most, for as long as the service runs.</summary>
    /// <returns>The schedule that now holds.</returns>
    /// <exception cref="MissingFieldException">MassTransit keeps its schedule elsewhere.</exception>
    public static IRetryPolicy Quicken(IRabbitMqBusFactoryConfigurator factory)
    {
        var host = (RabbitMqHostConfiguration)HostOf((RabbitMqBusFactoryConfigurator)factory);
        ref var policy = ref PolicyOf(host);
        var theirs = policy;
        policy = Retry.CreatePolicy(retry =>
        {
            retry.Handle<Exception>(theirs.IsHandled);
            retry.Exponential(1000, Shortest, Longest, Shortest);
        });
        return host.ReceiveTransportRetryPolicy;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_hostConfiguration")]
    private static extern ref IRabbitMqHostConfiguration HostOf(RabbitMqBusFactoryConfigurator factory);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<ReceiveTransportRetryPolicy>k__BackingField")]
    private static extern ref IRetryPolicy PolicyOf(RabbitMqHostConfiguration host);
}

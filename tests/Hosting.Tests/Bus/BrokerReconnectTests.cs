using KongUpgradeMesh.Hosting.Bus;
using MassTransit;
using MassTransit.Middleware;

namespace KongUpgradeMesh.Hosting.Tests.Bus;

/// <summary>What a broker's restart costs is decided by how long a service waits between two attempts to connect.</summary>
public sealed class BrokerReconnectTests
{
    // MassTransit adds a fifth at random, so that endpoints do not knock in lockstep.
    private static readonly TimeSpan Bound = BrokerReconnect.Longest * 1.25;

    [Fact]
    public void No_wait_between_two_attempts_is_longer_than_the_bound_however_long_the_broker_is_away()
    {
        var policy = Quickened();
        var context = policy.CreatePolicyContext(new Attempt());
        var unreachable = new RabbitMqConnectionException("Broker unreachable");
        Assert.True(context.CanRetry(unreachable, out var attempt));
        for (var n = 1; n < 200; n++)
        {
            Assert.InRange(attempt.Delay ?? TimeSpan.Zero, TimeSpan.Zero, Bound);
            Assert.True(attempt.CanRetry(unreachable, out attempt));
        }
    }

    [Fact]
    public void What_no_repeat_can_mend_is_not_repeated()
    {
        Assert.False(Quickened().IsHandled(new RabbitMQ.Client.Exceptions.AuthenticationFailureException("wrong password")));
        Assert.True(Quickened().IsHandled(new RabbitMqConnectionException("Broker unreachable")));
    }

    private static IRetryPolicy Quickened()
    {
        IRetryPolicy? policy = null;
        _ = MassTransit.Bus.Factory.CreateUsingRabbitMq(factory => policy = BrokerReconnect.Quicken(factory));
        return policy!;
    }

    private sealed class Attempt : BasePipeContext;
}

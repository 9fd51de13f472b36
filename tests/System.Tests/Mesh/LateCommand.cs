using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Lab.Servers;
using MassTransit;

namespace KongUpgradeMesh.System.Tests.Mesh;

/// <summary>Puts a command into an agent's queue as a coordinator's outbox would that delivers after an outage, and hears what the agents answer.</summary>
public sealed class LateCommand : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly IBusControl _bus;
    private readonly TaskCompletionSource<StepFailed> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StepRef _step;

    private LateCommand(RabbitMqServer broker, StepRef step)
    {
        _step = step;
        _bus = Bus.Factory.CreateUsingRabbitMq(factory =>
        {
            factory.Host("127.0.0.1", (ushort)broker.Port, RabbitMqServer.VirtualHost, host =>
            {
                host.Username(RabbitMqServer.User);
                host.Password(RabbitMqServer.Password);
            });
            factory.ConfigureJsonSerializerOptions(static json =>
            {
                json.Converters.Add(new JsonStringEnumConverter());
                return json;
            });
            factory.ReceiveEndpoint(endpoint =>
            {
                // The virtual host's default type is quorum, which cannot be auto-deleted.
                endpoint.SetQueueArgument("x-queue-type", "classic");
                endpoint.Handler<StepFailed>(HearAsync);
            });
        });
    }

    /// <summary>Sends the command and waits until the broker has it.</summary>
    public static async Task SendAsync<TCommand>(RabbitMqServer broker, AgentKind kind, TCommand command)
        where TCommand : class, IStepCommand
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var late = new LateCommand(broker, command.Step);
        await late.SendAsync(kind, command, limit.Token);
    }

    /// <summary>Sends the command and waits until it is refused.</summary>
    public static async Task<Failure> RefusalAsync<TCommand>(RabbitMqServer broker, AgentKind kind, TCommand command)
        where TCommand : class, IStepCommand
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var late = new LateCommand(broker, command.Step);
        await late.SendAsync(kind, command, limit.Token);
        return (await late._refused.Task.WaitAsync(limit.Token)).Failure;
    }

    public async ValueTask DisposeAsync() => await _bus.StopAsync(TimeSpan.FromSeconds(10));

    private async Task SendAsync<TCommand>(AgentKind kind, TCommand command, CancellationToken cancellationToken)
        where TCommand : class, IStepCommand
    {
        await _bus.StartAsync(cancellationToken);
        var endpoint = await _bus.GetSendEndpoint(new Uri($"queue:{AgentQueues.For(kind, command.Datacenter)}"));
        await endpoint.Send(command, cancellationToken);
    }

    private Task HearAsync(ConsumeContext<StepFailed> context)
    {
        if (context.Message.Step == _step)
        {
            _refused.TrySetResult(context.Message);
        }

        return Task.CompletedTask;
    }
}

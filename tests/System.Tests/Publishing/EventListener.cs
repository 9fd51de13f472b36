using System.Collections.Concurrent;
using System.Text.Json;
using KongUpgradeMesh.Lab.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace KongUpgradeMesh.System.Tests.Publishing;

/// <summary>Hears everything on the exchange of events, as another system would: a queue of its own, bound to it.</summary>
public sealed class EventListener : IAsyncDisposable
{
    private const string EventsExchange = "kum.events";
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly ConcurrentQueue<JsonElement> _heard = new();

    private EventListener(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<EventListener> StartAsync(RabbitMqServer broker)
    {
        var factory = new ConnectionFactory
        {
            HostName = "127.0.0.1", Port = broker.Port, VirtualHost = RabbitMqServer.VirtualHost, UserName = RabbitMqServer.User, Password = RabbitMqServer.Password,
        };
        var connection = await factory.CreateConnectionAsync();
        var listener = new EventListener(connection, await connection.CreateChannelAsync());
        await listener.BindAsync();
        return listener;
    }

    /// <summary>The events of a kind that answer a request, as the plain message without the envelope around it.</summary>
    public IReadOnlyList<JsonElement> Heard(string kind, string requestId) =>
    [
        .. _heard.Where(e => e.GetProperty("messageType").EnumerateArray().Any(t => t.GetString()!.EndsWith(":" + kind, StringComparison.Ordinal)))
            .Select(static e => e.GetProperty("message"))
            .Where(m => m.GetProperty("requestId").GetString() == requestId),
    ];

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task BindAsync()
    {
        // Whoever comes first declares the exchange; the product makes it with its first event.
        await _channel.ExchangeDeclareAsync(EventsExchange, ExchangeType.Fanout, durable: true);

        // The virtual host's default type is quorum, which cannot be exclusive.
        var queue = await _channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?> { ["x-queue-type"] = "classic" });
        await _channel.QueueBindAsync(queue.QueueName, EventsExchange, "");
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // The body's memory is the client's again after this returns.
            _heard.Enqueue(JsonDocument.Parse(delivery.Body.ToArray()).RootElement);
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }
}

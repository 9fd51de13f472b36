using System.Diagnostics;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.System.Tests.Publishing;

/// <summary>Publishes plain JSON with <c>amqp-publish</c>: a program that knows nothing of .NET or of this product's envelopes.</summary>
public sealed class ForeignPublisher(RabbitMqServer broker)
{
    private const string StartExchange = "kum.start-cluster-upgrade";

    public async Task PublishAsync(string body)
    {
        var address = $"amqp://{RabbitMqServer.User}:{RabbitMqServer.Password}@127.0.0.1:{broker.Port}/{RabbitMqServer.VirtualHost}";
        using var program = Process.Start(new ProcessStartInfo("amqp-publish", ["--url", address, "--exchange", StartExchange, "--persistent", "--content-type", "application/json", "--body", body])
        {
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var complaint = await program.StandardError.ReadToEndAsync(limit.Token);
        await program.WaitForExitAsync(limit.Token);
        Assert.True(program.ExitCode == 0, complaint);
    }
}

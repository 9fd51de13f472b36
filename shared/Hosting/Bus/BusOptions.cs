using System.ComponentModel.DataAnnotations;

namespace KongUpgradeMesh.Hosting.Bus;

/// <summary>How the service reaches the message bus.</summary>
public sealed class BusOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Bus";

    /// <summary>The transport. Default <see cref="BusTransport.RabbitMq"/>.</summary>
    public BusTransport Transport { get; set; } = BusTransport.RabbitMq;

    /// <summary>Host names of the broker's nodes, comma-separated. Default <c>localhost</c>.</summary>
    [Required]
    public string Host { get; set; } = "localhost";

    /// <summary>AMQP port of every node, 1 to 65535. Default 5672.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 5672;

    /// <summary>Virtual host; its default queue type must be quorum. Default <c>kum</c>.</summary>
    [Required]
    public string VirtualHost { get; set; } = "kum";

    /// <summary>User name. Default <c>kum</c>.</summary>
    [Required]
    public string User { get; set; } = "kum";

    /// <summary>Reference to the password: <c>env:NAME</c> or <c>file:/path</c>. Default <c>env:KUM_BUS_PASSWORD</c>.</summary>
    [Required]
    public string Password { get; set; } = "env:KUM_BUS_PASSWORD";

    /// <summary>Whether TLS is used. Default false.</summary>
    public bool Tls { get; set; }
}

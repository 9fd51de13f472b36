using Microsoft.Extensions.Options;
using Npgsql;

namespace KongUpgradeMesh.Messaging;

/// <summary>
/// The connections to the product's own database. A type of its own, so that a service may also register data sources
/// for the databases of Kong without the two ever being mixed up.
/// </summary>
public sealed class MessagingDataSource : IAsyncDisposable, IDisposable
{
    /// <summary>Builds the pool from the settings; no connection is opened yet.</summary>
    /// <param name="options">The validated settings.</param>
    public MessagingDataSource(IOptions<MessagingOptions> options)
    {
        var settings = options.Value;
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        connection.ApplicationName ??= "kong-upgrade-mesh";

        // Without it a listening connection would not notice that the server is gone.
        connection.KeepAlive = connection.KeepAlive == 0 ? 15 : connection.KeepAlive;
        var idle = (long)settings.IdleTransactionTimeout.TotalMilliseconds;
        connection.Options = $"{connection.Options} -c idle_in_transaction_session_timeout={idle}".Trim();
        Source = new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
        Schema = settings.Schema;
    }

    /// <summary>The Npgsql data source.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>The schema of the product's tables, a plain SQL identifier that needs no quotes.</summary>
    public string Schema { get; }

    /// <summary>Opens a pooled connection.</summary>
    /// <param name="cancellationToken">Ends the wait for a connection.</param>
    /// <exception cref="NpgsqlException">The database does not answer or refuses the connection.</exception>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => Source.OpenConnectionAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();

    /// <inheritdoc/>
    public void Dispose() => Source.Dispose();
}

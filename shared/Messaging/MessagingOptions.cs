namespace KongUpgradeMesh.Messaging;

/// <summary>Settings of the saga store, the inbox, the outbox and the timers. Checked when the host starts; every problem is named at once.</summary>
public sealed class MessagingOptions
{
    /// <summary>The configuration section these settings are read from.</summary>
    public const string Section = "Messaging";

    /// <summary>Npgsql connection string of the product's own database. Required; never logged.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Schema that holds all tables; created when missing. Lower-case letters, digits and underscores, at most 40. Default: <c>kum</c>.</summary>
    public string Schema { get; set; } = "kum";

    /// <summary>
    /// How often the dispatcher looks for due rows when nobody wakes it. Bounds how late a row is that another process
    /// committed just before it died. 50 ms to 1 minute. Default: 1 second.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one send may wait for the broker's confirmation. 100 ms to 1 minute. Default: 10 seconds.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows that one destination's lane takes in one transaction. 1 to 1,000. Default: 100.</summary>
    public int BatchSize { get; set; } = 100;

    /// <summary>
    /// Sends of one lane that may await their confirmation at the same time. Messages of one saga instance are always sent
    /// one after the other; 1 keeps the order of all messages, at the lowest throughput. 1 to 100. Default: 16.
    /// </summary>
    public int SendsInFlight { get; set; } = 16;

    /// <summary>Destinations served at the same time, each with its own database connection. 1 to 50. Default: 8.</summary>
    public int MaximumLanes { get; set; } = 8;

    /// <summary>
    /// Failed sends after which a row is parked with its error and no longer tried. Sends that fail because the whole
    /// broker is away are not counted. 1 to 1,000. Default: 10.
    /// </summary>
    public int MaximumAttempts { get; set; } = 10;

    /// <summary>Wait after the first failed send; doubles with each further one up to <see cref="MaximumBackOff"/>. 10 ms to 1 minute. Default: 1 second.</summary>
    public TimeSpan BackOff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two sends of the same row. At least <see cref="BackOff"/>, at most 1 hour. Default: 1 minute.</summary>
    public TimeSpan MaximumBackOff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a handled message id is remembered. Must exceed the longest time after which the broker may deliver a
    /// message again, outages included. 1 minute to 1 year. Default: 7 days.
    /// </summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often expired inbox rows are removed. 1 second to 1 day. Default: 10 minutes.</summary>
    public TimeSpan InboxCleaningInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The server ends a transaction that idles longer, so that a frozen process cannot keep the lock on an upgrade.
    /// At least three times <see cref="SendTimeout"/>, at most 1 hour. Default: 1 minute.
    /// </summary>
    public TimeSpan IdleTransactionTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Bound of one query of the health check and of <see cref="Sagas.ISagaStore{TSaga}"/>. 100 ms to 5 minutes. Default: 5 seconds.</summary>
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

using Npgsql;

namespace KongUpgradeMesh.Messaging;

/// <summary>
/// The transaction of the message being consumed: inbox row, saga row, outgoing messages and timers commit with it or not at all.
/// Get it in a consumer or saga activity by <c>context.GetPayload&lt;PostgresTransactionContext&gt;()</c> to write own rows in the same transaction.
/// </summary>
/// <remarks>Never commit, roll back or dispose it, and never use the connection from two tasks at once. The isolation level is READ COMMITTED.</remarks>
#pragma warning disable CA1715 // MassTransit names its contexts and payloads without the I, and this is one of them
public interface PostgresTransactionContext
#pragma warning restore CA1715
{
    /// <summary>The open connection of the transaction.</summary>
    NpgsqlConnection Connection { get; }

    /// <summary>The running transaction.</summary>
    NpgsqlTransaction Transaction { get; }
}

using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>What a service does with the transaction of a message: rows of its own.</summary>
public static class OwnRows
{
    public static async Task AddAsync(BehaviorContext<OrderState, OpenOrder> context, CancellationToken cancellationToken)
    {
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand("INSERT INTO kum.own_row (order_id) VALUES ($1)", transaction.Connection, transaction.Transaction);
        command.Parameters.AddWithValue(context.Message.OrderId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

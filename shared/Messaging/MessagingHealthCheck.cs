using KongUpgradeMesh.Messaging.Outbox;
using KongUpgradeMesh.Messaging.Schema;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KongUpgradeMesh.Messaging;

/// <summary>Unhealthy while the database is away or its schema is not up to date; degraded while parked rows wait for a person.</summary>
internal sealed class MessagingHealthCheck(OutboxTable outbox, ISchemaMigrator schema, IOptions<MessagingOptions> options, TimeProvider clock) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!schema.IsReady)
        {
            return HealthCheckResult.Unhealthy($"the schema is not up to date yet: {schema.LastError ?? "in progress"}");
        }

        using var timeout = new CancellationTokenSource(options.Value.QueryTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var (overdue, parked) = await outbox.CountAsync(clock.GetUtcNow(), either.Token);
            var data = new Dictionary<string, object> { ["overdue"] = overdue, ["parked"] = parked };
            return parked == 0
                ? HealthCheckResult.Healthy($"{overdue} messages wait for delivery", data)
                : HealthCheckResult.Degraded($"{parked} messages are parked; read last_error in the table outbox", data: data);
        }
        catch (NpgsqlException exception)
        {
            return HealthCheckResult.Unhealthy("the database does not answer", exception);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"the database did not answer within {options.Value.QueryTimeout}");
        }
    }
}

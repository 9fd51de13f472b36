namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>What a failed send does to its row.</summary>
/// <param name="Message">The row as it was claimed.</param>
/// <param name="Attempts">Attempts made, this one included.</param>
/// <param name="Error">Type and message of the error, shortened.</param>
/// <param name="RetryAt">When the row itself is due again; null where its whole destination waits instead, which keeps the order.</param>
/// <param name="ParkedAt">Set when the row is given up.</param>
internal sealed record FailedSend(OutboxMessage Message, int Attempts, string Error, DateTimeOffset? RetryAt, DateTimeOffset? ParkedAt);

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>A stored saga instance as it was at one commit.</summary>
/// <typeparam name="TSaga">The saga's class.</typeparam>
/// <param name="Saga">The instance; changing it changes nothing in the store.</param>
/// <param name="CurrentState">Name of its state; null where the saga keeps none in a string property <c>CurrentState</c>.</param>
/// <param name="Version">Counts the commits of the instance, from 1.</param>
/// <param name="UpdatedAt">Time of the last commit, UTC, by the clock of the process that made it.</param>
public sealed record SagaRow<TSaga>(TSaga Saga, string? CurrentState, int Version, DateTimeOffset UpdatedAt)
    where TSaga : class;

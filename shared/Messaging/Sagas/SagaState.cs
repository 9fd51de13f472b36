namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>Reads the state's name of a saga whose machine keeps it in a string property <c>CurrentState</c>; null for any other.</summary>
internal static class SagaState<TSaga>
    where TSaga : class
{
    private static readonly Func<TSaga, string?>? Getter =
        typeof(TSaga).GetProperty("CurrentState") is { CanRead: true } property && property.PropertyType == typeof(string)
            ? property.GetMethod!.CreateDelegate<Func<TSaga, string?>>()
            : null;

    public static string? Of(TSaga saga) => Getter?.Invoke(saga);
}

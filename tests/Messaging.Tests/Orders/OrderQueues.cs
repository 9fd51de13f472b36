namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>Queue names of one test, so that tests may share a broker.</summary>
public sealed record OrderQueues(string Prefix)
{
    public string Saga => $"{Prefix}-order";

    public string Ship => $"{Prefix}-ship";

    public string Watch => $"{Prefix}-watch";
}

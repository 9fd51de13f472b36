namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>What a proxy answered.</summary>
/// <param name="Status">Status code; 0 when no answer came.</param>
/// <param name="IsUnmatched">Whether Kong itself said that no route fits.</param>
/// <param name="Body">The beginning of the body.</param>
internal sealed record ProxyAnswer(int Status, bool IsUnmatched, string Body)
{
    public static ProxyAnswer None { get; } = new(0, false, "");

    public bool HasAnswered => Status != 0;

    public string Description => IsUnmatched ? "404 without a route" : HasAnswered ? Status.ToString() : "no answer";
}

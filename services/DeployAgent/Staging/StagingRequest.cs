namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>One concrete request that can be sent to the proxy of either cluster.</summary>
/// <param name="Label">Shown to people; never holds a credential.</param>
/// <param name="Method">A safe method, unless a person wrote the check.</param>
/// <param name="PathAndQuery">Begins with a slash, encoded as it goes over the wire.</param>
/// <param name="Host">Value of the Host header; null takes the node's address.</param>
/// <param name="Headers">Further headers; may hold credentials.</param>
internal sealed record StagingRequest(
    string Label, string Method, string PathAndQuery, string? Host, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Keeps credentials out of logs and exceptions.</summary>
    public override string ToString() => $"{Label}: {Method} {Host}{PathAndQuery.Split('?')[0]}";

    public StagingRequest WithHeader(string name, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase) { [name] = value } };

    public StagingRequest WithQuery(string name, string value) =>
        this with { PathAndQuery = $"{PathAndQuery}{(PathAndQuery.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}" };
}

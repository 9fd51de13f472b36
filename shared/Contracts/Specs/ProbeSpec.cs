namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>One HTTP request that the monitor agent sends again and again to the proxy of every node of both clusters, at the same time.</summary>
/// <remarks>It is counted like a client's request. Redirections are not followed, and bodies are not read.</remarks>
public sealed record ProbeSpec
{
    /// <summary>Shown in verdicts; no two probes share one.</summary>
    public required string Name { get; init; }

    /// <summary>HTTP method. Default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Path and query, beginning with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>Request headers, <c>Host</c> among them; values may be <c>env:NAME</c> or <c>file:/path</c>. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Status that must come back, 100 to 599. Default 200.</summary>
    public int ExpectStatus { get; init; } = 200;

    /// <summary>How often it is sent. 250 milliseconds to 1 hour. Default 5 seconds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node may take for its answer. 100 milliseconds to 1 minute. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many rounds in a row must fail on Y and hold on X before Y is judged by it. 1 to 100. Default 3.</summary>
    public int FailAfter { get; init; } = 3;
}

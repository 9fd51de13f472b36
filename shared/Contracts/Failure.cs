namespace KongUpgradeMesh.Contracts;

/// <summary>Why a step, a message or a request did not succeed, typed so that nobody has to read text to decide.</summary>
public sealed record Failure
{
    /// <summary>One of <see cref="FailureCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>What happened, in one sentence for the operator; never contains a secret.</summary>
    public required string Message { get; init; }

    /// <summary>What fixes it: a sentence or a command that can be pasted.</summary>
    public required string Remedy { get; init; }

    /// <summary>True when the same request may succeed unchanged a little later. Default false.</summary>
    public bool IsTransient { get; init; } = false;

    /// <summary>How long to wait before the next try; null leaves it to the coordinator's back-off.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Further facts, one a line (failing checks, table names). Default empty.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}

namespace KongUpgradeMesh.Kong.Programs;

/// <summary>One call of a program of this host.</summary>
public sealed record ProgramCall
{
    /// <summary>Path or name of the executable.</summary>
    public required string File { get; init; }

    /// <summary>Arguments, passed without a shell. Never a secret: every user of the host can read them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables laid over the agent's own environment; null removes one. Secrets go here.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>What it reads from its standard input; null for nothing.</summary>
    public string? Input { get; init; }

    /// <summary>Directory to run in; null is <c>/</c>.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>How long it may run before its process tree is killed. Default 1 minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}

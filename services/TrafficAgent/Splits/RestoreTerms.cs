namespace KongUpgradeMesh.TrafficAgent.Splits;

/// <summary>What must hold before traffic goes back to X. The less somebody knows who asks for it, the more.</summary>
public sealed record RestoreTerms
{
    /// <summary>The coordinator's order.</summary>
    public static RestoreTerms Commanded { get; } = new();

    /// <summary>The agent's own answer to a failed verdict: it has heard that Y is bad, and the balancer must still hold this upgrade's record.</summary>
    public static RestoreTerms OnVerdict { get; } = new() { OwnRecordOnly = true };

    /// <summary>The agent's own answer to silence: nothing is known to be wrong, so X must be seen to serve.</summary>
    public static RestoreTerms OnSilence { get; } = new() { OwnRecordOnly = true, EvenBlind = false };

    /// <summary>A person at the agent's host who has looked for themselves.</summary>
    public static RestoreTerms Forced { get; } = new() { EvenForeign = true, EvenUnfit = true };

    /// <summary>Only where the balancer names this upgrade; without a record nobody can say whether X still is the current cluster. Default false.</summary>
    public bool OwnRecordOnly { get; init; }

    /// <summary>Also where neither cluster can be asked from here, which speaks of this agent's network. Default true.</summary>
    public bool EvenBlind { get; init; } = true;

    /// <summary>Also over a split that was never this upgrade's. Default false.</summary>
    public bool EvenForeign { get; init; }

    /// <summary>Also to an X that does not answer. Default false.</summary>
    public bool EvenUnfit { get; init; }
}

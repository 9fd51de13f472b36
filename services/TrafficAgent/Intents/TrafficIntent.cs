using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Intents;

/// <summary>What this agent is about to do to a load balancer; on disk before it is done.</summary>
public sealed record TrafficIntent
{
    /// <summary>What is to be in force.</summary>
    public required TrafficRecord Record { get; init; }

    /// <summary>The coordinator's step that asked for it, to be named in incidents; null in files of older agents, which are not watched.</summary>
    public StepRef? Step { get; init; }

    /// <summary>Whether it is a restore, which is finished after a restart of the agent.</summary>
    public required bool IsRestore { get; init; }

    /// <summary>Whether it is one way of a drill, after which the first step follows in the same epoch. Default false.</summary>
    public bool IsDrill { get; init; }

    /// <summary>When it was first confirmed; null before.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>A foreign change was told and left as found; the next command looks anew. Default false.</summary>
    public bool IsLeft { get; init; }

    /// <summary>How far it came.</summary>
    public required IntentState State { get; init; }

    /// <summary>The traffic driver's name and settings; secrets are references, as in the spec.</summary>
    public required TrafficSpec Traffic { get; init; }

    /// <summary>Cluster X's nodes, to be probed before traffic goes there.</summary>
    public required IReadOnlyList<NodeSpec> NodesX { get; init; }

    /// <summary>Cluster Y's nodes.</summary>
    public required IReadOnlyList<NodeSpec> NodesY { get; init; }

    /// <summary>When a foreign change was last overwritten with our own split; null when never.</summary>
    public DateTimeOffset? ReassertedAt { get; init; }

    /// <summary>Whether a shift of this upgrade was ever confirmed here; only then may a split without our record still be taken for ours. Default false.</summary>
    public bool HasShifted { get; init; }

    /// <summary>The newest shift of the upgrade that was begun here, for what is reported without a command; null before the first.</summary>
    public StepRef? Shift { get; init; }

    /// <summary>The balancer has shown that this upgrade's split is over: committed to Y, or another upgrade's now. Default false.</summary>
    public bool IsOver { get; init; }

    /// <summary>Whether a split may be on for which this agent answers when nobody else does; the balancer has the last word on it.</summary>
    public bool MayBeOn => Shift is not null && !IsOver && State != IntentState.Released && !(State == IntentState.Confirmed && (IsRestore || Record.IsCommitted));

    /// <summary>The intent to put <paramref name="record"/> in force.</summary>
    public static TrafficIntent Of(TrafficRecord record, UpgradeSpec spec, bool isRestore, StepRef? step = null) => new()
    {
        Record = record,
        Step = step,
        Shift = isRestore ? null : step,
        IsRestore = isRestore,
        State = IntentState.Intended,
        Traffic = spec.Traffic,
        // Of a node only its address is needed here; its environment may be long and is nobody's business.
        NodesX = [.. spec.From.Nodes.Select(Address)],
        NodesY = [.. spec.To.Nodes.Select(Address)],
    };

    private static NodeSpec Address(NodeSpec node) => node with { Environment = new Dictionary<string, string>() };
}

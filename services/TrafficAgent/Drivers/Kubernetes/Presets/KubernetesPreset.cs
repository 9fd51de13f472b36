using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

/// <summary>What is known of one kind of object: how it is addressed, where its weights are and how its controller answers.</summary>
internal abstract record KubernetesPreset
{
    /// <summary>The value of the setting <c>preset</c>.</summary>
    public required string Name { get; init; }

    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Version of the group, unless the settings name another.</summary>
    public required string Version { get; init; }

    /// <summary>The kind's name in addresses and rules: plural, lower case.</summary>
    public required string Resource { get; init; }

    /// <summary>When the data plane decides.</summary>
    public TrafficAssignment Assignment { get; init; } = TrafficAssignment.PerRequest;

    /// <summary>The smallest share; percent.</summary>
    public int Granularity { get; init; } = 1;

    /// <summary>Where the controller says that it follows; null when this kind has no such place.</summary>
    public StatusRule? Status { get; init; }

    /// <summary>What is to be known of this kind before it is used.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>The places of an object that divide traffic between X and Y.</summary>
    /// <param name="content">The object as the API server has it.</param>
    /// <param name="options">Which backends are X and Y, and which rules count.</param>
    public abstract IReadOnlyList<SplitPlace> Places(JsonObject content, KubernetesOptions options);

    /// <summary>How many of the rules that count lead to Y and not to X. Some may be meant so (a header for testers); one more than before is a rule that was taken from X.</summary>
    public virtual int RulesWithoutX(JsonObject content, KubernetesOptions options) => 0;

    /// <summary>What would let traffic pass the weights by, one sentence each.</summary>
    public virtual IEnumerable<string> Bypasses(JsonObject content) => [];
}

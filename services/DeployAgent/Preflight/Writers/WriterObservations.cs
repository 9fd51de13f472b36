namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>What was seen of cluster X while it was watched for writers.</summary>
internal sealed record WriterObservations
{
    /// <summary>How long it was watched.</summary>
    public required TimeSpan Watched { get; init; }

    /// <summary>Sessions whose role may write configuration, ours left out.</summary>
    public IReadOnlyList<WriterSession> Sessions { get; init; } = [];

    /// <summary>Rows written (or tried to be) while it was watched, by configuration table; only what no node of Kong writes by itself.</summary>
    public IReadOnlyDictionary<string, long> WrittenRows { get; init; } = new Dictionary<string, long>();

    /// <summary>The newest change that any configuration table tells of; null when none has a date.</summary>
    public NewestChange? Newest { get; init; }

    /// <summary>How many entities carry each tag; the tools' own tags first.</summary>
    public IReadOnlyList<TagCount> Tags { get; init; } = [];

    /// <summary>Rows of the tables of people and their accounts (<c>admins</c>, <c>developers</c>), where those are.</summary>
    public IReadOnlyDictionary<string, long> Accounts { get; init; } = new Dictionary<string, long>();

    /// <summary>Nodes that serve Kong Manager, each with the address it listens on.</summary>
    public IReadOnlyDictionary<string, string> Consoles { get; init; } = new Dictionary<string, string>();

    /// <summary>Addresses from which the nodes of the spec may come.</summary>
    public IReadOnlySet<string> NodeAddresses { get; init; } = new HashSet<string>();

    /// <summary>Role that Kong logs in as.</summary>
    public required string KongRole { get; init; }

    /// <summary>What could not be looked at, in words.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];
}

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>How the nodes of a cluster are run by the <c>process</c> driver: Kong's own executable on the agent's host.</summary>
public sealed record DeploymentSpec
{
    /// <summary>Name of the deployment driver. Default <c>process</c>.</summary>
    public string Driver { get; init; } = "process";

    /// <summary>Path of the <c>kong</c> executable of this cluster's version.</summary>
    public required string Executable { get; init; }

    /// <summary>Path of kong.conf; null when everything comes from the environment.</summary>
    public string? Conf { get; init; }

    /// <summary>Path of a custom nginx template (<c>kong start --nginx-conf</c>); null uses Kong's own. Cluster X's is part of the backup.</summary>
    public string? NginxTemplate { get; init; }

    /// <summary><c>KONG_*</c> and other variables for every node; values may be <c>env:NAME</c> or <c>file:/path</c>. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a node may take from start to ready. 1 second to 1 hour. Default 2 minutes.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(2);
}

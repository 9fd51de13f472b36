using KongUpgradeMesh.Lab.StandInKubernetes.Access;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>Where an <see cref="ApiServer"/> listens and whom it knows.</summary>
public sealed record ApiServerLayout
{
    /// <summary>TCP port on 127.0.0.1.</summary>
    public required int Port { get; init; }

    /// <summary>Whose tokens are accepted.</summary>
    public required IReadOnlyList<Account> Accounts { get; init; }

    /// <summary>The revision that the store has reached; the first write gets the next. Default 1.</summary>
    public long Revision { get; init; } = 1;
}

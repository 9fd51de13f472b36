using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Events;

/// <summary>Is told what happens to one upgrade. Calls come one at a time.</summary>
public interface IUpgradeObserver
{
    /// <summary>The upgrade as it stands now.</summary>
    void Show(UpgradeView upgrade);

    /// <summary>The next entry of its timeline; each is given once, in order.</summary>
    void Add(TimelineEntry entry);

    /// <summary>The coordinator was lost (a reason) or is heard of again (null).</summary>
    void Connection(string? lost);
}

using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>A real load balancer under test.</summary>
public interface ITestBalancer : IAsyncDisposable
{
    string Driver { get; }

    IReadOnlyDictionary<string, string> Settings { get; }

    int FrontendPort { get; }

    ITrafficDriverFactory Factory { get; }

    /// <summary>A setting with the directory that must be writable to keep the split.</summary>
    string KeptFile { get; }

    Task KillAsync();

    Task StartAgainAsync();

    /// <summary>What an operator does with an editor or a socket: another share, our marks left as they are.</summary>
    Task ChangeByHandAsync(int weightY);

    /// <summary>Somebody else's split without any of our marks.</summary>
    Task ReplaceByHandAsync(int weightY);

    /// <summary>Which of many clients are led to Y.</summary>
    Task<bool[]> CensusAsync(int clients, CancellationToken cancellationToken) => KeyCensus.TakeAsync(FrontendPort, clients, cancellationToken);
}

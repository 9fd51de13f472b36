namespace KongUpgradeMesh.Cli.Api;

/// <summary>Nothing that speaks for the coordinator answers at the address.</summary>
public sealed class CoordinatorUnreachableException(Uri server, string reason, Exception? inner = null)
    : Exception($"The coordinator at {server.GetLeftPart(UriPartial.Authority)} cannot be reached: {reason}. Is it running (./kum up), and is --server or KUM_SERVER right?", inner);

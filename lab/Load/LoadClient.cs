namespace KongUpgradeMesh.Lab.Load;

/// <summary>One client of the load, known to the load balancer by its headers.</summary>
/// <param name="Key">Its name in the report.</param>
/// <param name="Headers">Headers it sends with every request, for example its API key.</param>
public sealed record LoadClient(string Key, IReadOnlyDictionary<string, string> Headers);

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>One kind of request of one client of the sample configuration.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Headers, the sticky one among them.</param>
/// <param name="ExpectedStatus">The only right answer, on either cluster.</param>
public sealed record SampleRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, int ExpectedStatus);

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Tests that cluster Y must pass before it gets traffic.</summary>
public sealed record StagingSpec
{
    /// <summary>Whether tests are generated from the configuration (each authentication plugin with and without a credential, each route, X against Y). Default true.</summary>
    public bool Generated { get; init; } = true;

    /// <summary>The user's own HTTP checks. Default empty.</summary>
    public IReadOnlyList<HttpCheckSpec> Checks { get; init; } = [];

    /// <summary>Upper bound of generated route tests; the rest is sampled evenly. Default 500.</summary>
    public int MaximumRoutes { get; init; } = 500;
}

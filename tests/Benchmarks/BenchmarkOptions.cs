namespace KongUpgradeMesh.Benchmarks;

/// <summary>How large and how often.</summary>
/// <param name="Rows">Consumers, each with one credential.</param>
/// <param name="Rounds">How often each thing is measured.</param>
/// <param name="Parallel">How many simulations run at once.</param>
/// <param name="Seconds">How long a fleet is watched.</param>
/// <param name="Only">What the description of a simulated line must contain; null for every line.</param>
/// <param name="Progress">Tells a person what goes on.</param>
internal sealed record BenchmarkOptions(int Rows, int Rounds, int Parallel, int Seconds, string? Only, Action<string> Progress)
{
    /// <summary>Whether a line is to be simulated.</summary>
    /// <param name="line">Its description.</param>
    public bool Wants(string line) => Only is null || line.Contains(Only, StringComparison.OrdinalIgnoreCase);
}

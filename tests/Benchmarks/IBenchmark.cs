namespace KongUpgradeMesh.Benchmarks;

/// <summary>Something to be measured on real servers.</summary>
internal interface IBenchmark
{
    /// <summary>The word on the command line.</summary>
    string Name { get; }

    /// <summary>Prepares, measures and cleans up. What must hold whatever the speed (a result that must be found) is a figure with a target as well.</summary>
    Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken);
}

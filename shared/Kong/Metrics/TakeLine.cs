namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Is offered a line of an exposition.</summary>
/// <param name="line">The line without its line feed.</param>
/// <param name="number">Its number, starting at 1.</param>
/// <returns>Whether it has been taken.</returns>
public delegate bool TakeLine(ReadOnlySpan<byte> line, int number);

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Takes a line of an exposition.</summary>
/// <param name="line">The line without its line feed; comments and blank lines too. Its bytes are overwritten afterwards.</param>
/// <param name="number">Its number, starting at 1.</param>
/// <exception cref="ExpositionException">The whole text is not to be trusted.</exception>
public delegate void TakeLine(ReadOnlySpan<byte> line, int number);

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Why metrics could not be taken as they were sent.</summary>
public enum ExpositionFault
{
    /// <summary>More bytes than <see cref="ExpositionLimits.MaximumBytes"/>.</summary>
    TooLarge,

    /// <summary>More lines than <see cref="ExpositionLimits.MaximumLines"/>.</summary>
    TooManyLines,

    /// <summary>A line longer than <see cref="ExpositionLimits.MaximumLineBytes"/>.</summary>
    LineTooLong,

    /// <summary>The text ends in the middle of a line: counters after the cut would look as if they had been reset.</summary>
    Truncated,

    /// <summary>A line of a wanted metric does not follow the format.</summary>
    Malformed,

    /// <summary>A wanted metric is NaN, infinite or negative, which no counter of Kong can be.</summary>
    ImpossibleValue,

    /// <summary>The one counter of all requests is there twice: what is read is more than one node, or one node that is scraped by two jobs.</summary>
    Doubled,
}

namespace KongUpgradeMesh.Lab.StandInKong.Storage;

/// <summary>Which rows of a list are wanted.</summary>
/// <param name="After">Only rows whose id is greater.</param>
/// <param name="Size">At most so many.</param>
/// <param name="TagsAll">Tags that must all be there.</param>
/// <param name="TagsAny">Tags of which one must be there.</param>
/// <param name="Filter">Column and value that must be equal.</param>
internal sealed record EntityQuery(
    Guid? After = null,
    int Size = int.MaxValue - 1,
    string[]? TagsAll = null,
    string[]? TagsAny = null,
    (string Column, object Value)? Filter = null);

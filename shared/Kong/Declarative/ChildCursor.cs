using System.Text.Json;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Walks children, ordered by their parent's id, beside parents in the same order.</summary>
internal sealed class ChildCursor(string list, SortedSpool spool, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<(string Key, JsonElement Entity)> _children = spool.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    private bool _isStarted;
    private bool _hasCurrent;

    /// <summary>Name of the list within the parent.</summary>
    public string Field => list;

    /// <summary>The children of the next parent.</summary>
    /// <exception cref="DeclarativeExportException">There are children of a parent that was not shown.</exception>
    public async Task<IReadOnlyList<JsonElement>> OfAsync(string parentId)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _hasCurrent = await _children.MoveNextAsync();
        }

        if (_hasCurrent && string.CompareOrdinal(_children.Current.Key, parentId) < 0)
        {
            throw Orphan();
        }

        var found = new List<JsonElement>();
        while (_hasCurrent && _children.Current.Key == parentId)
        {
            found.Add(_children.Current.Entity);
            _hasCurrent = await _children.MoveNextAsync();
        }

        return found;
    }

    /// <summary>Called after the last parent.</summary>
    /// <exception cref="DeclarativeExportException">A child is left.</exception>
    public async Task EndAsync()
    {
        if (_isStarted ? _hasCurrent : await _children.MoveNextAsync())
        {
            throw Orphan();
        }
    }

    public ValueTask DisposeAsync() => _children.DisposeAsync();

    private DeclarativeExportException Orphan() => new($"the Admin API showed {list} of an entity that it did not list");
}

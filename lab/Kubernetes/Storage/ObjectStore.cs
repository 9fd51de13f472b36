using System.Globalization;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Storage;

/// <summary>Objects with their revisions, one writer at a time, and the newest of their history.</summary>
internal sealed class ObjectStore(long revision)
{
    private const int LongestHistory = 1000;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<ObjectEvent> _history = [];
    private long _revision = revision;
    private long _forgotten = revision;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _revision;
            }
        }
    }

    public static string CollectionOf(ApiPath path) => $"{path.Group}/{path.Namespace}/{path.Resource}";

    public void Seed(ResourceKind kind, JsonObject content)
    {
        lock (_gate)
        {
            var metadata = content["metadata"]!;
            _objects[$"{kind.Group}/{(string?)metadata["namespace"]}/{kind.Resource}/{(string?)metadata["name"]}"] = content.DeepClone().AsObject();
        }
    }

    public JsonObject? Find(ApiPath path)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(Key(path))?.DeepClone().AsObject();
        }
    }

    public (IReadOnlyList<JsonObject> Items, long Revision) List(string collection)
    {
        lock (_gate)
        {
            return ([.. _objects.Where(o => o.Key.StartsWith(collection + "/", StringComparison.Ordinal)).Select(static o => o.Value.DeepClone().AsObject())], _revision);
        }
    }

    /// <summary>Replaces an object by what <paramref name="change"/> makes of it; the same object back means that nothing changes.</summary>
    /// <param name="path">The object.</param>
    /// <param name="change">Gets the present object (null when there is none) and returns the new one (null to delete).</param>
    /// <param name="dryRun">Whether the outcome is only returned.</param>
    public JsonObject? Write(ApiPath path, Func<JsonObject?, JsonObject?> change, bool dryRun)
    {
        lock (_gate)
        {
            var key = Key(path);
            var before = _objects.GetValueOrDefault(key);
            var after = change(before?.DeepClone().AsObject());
            if (dryRun || JsonNode.DeepEquals(before, after))
            {
                return after;
            }

            _revision++;
            if (after is null)
            {
                _objects.Remove(key);
                Tell(new ObjectEvent(_revision, "DELETED", CollectionOf(path), before!));
                return null;
            }

            after["metadata"]!["resourceVersion"] = _revision.ToString(CultureInfo.InvariantCulture);
            _objects[key] = after.DeepClone().AsObject();
            Tell(new ObjectEvent(_revision, before is null ? "ADDED" : "MODIFIED", CollectionOf(path), after.DeepClone().AsObject()));
            return after;
        }
    }

    /// <summary>Changes of a collection after a revision, and what ends when there are more; null when that is too long ago.</summary>
    public (IReadOnlyList<ObjectEvent> Events, Task More)? Since(string collection, long revision)
    {
        lock (_gate)
        {
            return revision < _forgotten ? null : ([.. _history.Where(e => e.Revision > revision && e.Collection == collection)], _changed.Task);
        }
    }

    private static string Key(ApiPath path) => $"{CollectionOf(path)}/{path.Name}";

    private void Tell(ObjectEvent change)
    {
        _history.Add(change);
        if (_history.Count > LongestHistory)
        {
            _forgotten = _history[0].Revision;
            _history.RemoveAt(0);
        }

        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

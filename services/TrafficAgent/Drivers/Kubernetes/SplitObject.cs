using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>An object as it was read: what split it carries, and the patch that replaces it.</summary>
internal sealed class SplitObject
{
    private readonly JsonObject _content;
    private readonly KubernetesOptions _options;
    private readonly IReadOnlyList<SplitPlace> _places;
    private readonly int _withoutX;

    public SplitObject(JsonObject content, KubernetesOptions options)
    {
        (_content, _options) = (content, options);
        _places = options.Preset.Places(content, options);
        _withoutX = options.Preset.RulesWithoutX(content, options);
    }

    /// <summary>Why its split cannot be driven; empty when it can.</summary>
    public IEnumerable<string> Problems()
    {
        if (_places.Count == 0)
        {
            yield return $"nothing in it leads to {_options.BackendX} and {_options.BackendY} as the preset {_options.Preset.Name} needs it";
        }

        foreach (var position in _options.Rules.Where(r => _places.All(p => p.Name != $"rule {r}")))
        {
            yield return $"rule {position} does not lead to {_options.BackendX} and {_options.BackendY}";
        }

        foreach (var place in _places)
        {
            if (place.HasStrangers)
            {
                yield return $"{place.Name} leads to other backends as well";
            }

            if (place.ShareY is null)
            {
                yield return $"the weights of {place.Name} are no share ({string.Join(", ", place.Present.Select(static p => p.Value.ToJsonString()))})";
            }
        }
    }

    /// <summary>What split it carries.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when that cannot be told.</exception>
    public ObservedTraffic Observe()
    {
        if (_places.Count == 0 || _places.Any(static p => p.ShareY is null))
        {
            throw KubernetesFailures.NotUnderstood(_options, Problems().First());
        }

        // A hair below a whole percent is what dividing leaves behind, not another percent.
        var split = new TrafficSplit { WeightY = (int)Math.Ceiling((_places.Max(static p => p.ShareY!.Value) * 100) - 1e-9) };
        if (RecordNote.Read(Note) is not { } note)
        {
            return new ObservedTraffic(split, null, Tampered: false);
        }

        // The next upgrade calls the other backend Y: an old record then says only whose it was.
        var (record, sameRoles) = (note.ToRecord(), note.BackendY == _options.BackendY);
        if (sameRoles && note.WeightY > 0 && _withoutX > note.WithoutX)
        {
            split = new TrafficSplit { WeightY = 100 }; // A whole rule was taken from X.
        }

        var whole = sameRoles && note.Seal == record.Seal && note.Places == _places.Count && note.WithoutX == _withoutX && _places.All(p => p.Holds(note.WeightY));
        return new ObservedTraffic(split, record, Tampered: !whole);
    }

    /// <summary>Refuses to divide traffic where a third backend has a part.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/>.</exception>
    public void RequireDrivable()
    {
        if (Problems().FirstOrDefault() is { } problem)
        {
            throw KubernetesFailures.NotUnderstood(_options, problem);
        }
    }

    /// <summary>The JSON Patch that puts a record in force, and does nothing if anything that it rests on has changed since the reading.</summary>
    /// <param name="record">What is to be in force.</param>
    /// <param name="guardWeights">Whether changed weights stop it too; a restore takes the traffic whatever they have become.</param>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when there is no place to write to.</exception>
    public JsonArray PatchTo(TrafficRecord record, bool guardWeights)
    {
        if (_places.Count == 0)
        {
            throw KubernetesFailures.NotUnderstood(_options, Problems().First());
        }

        var guards = new List<PointedValue>
        {
            Note is { } note ? new(RecordNote.Pointer, note) : new("/metadata/resourceVersion", JsonPointers.Text(_content, "/metadata/resourceVersion") ?? ""),
        };
        guards.AddRange(_places.SelectMany(static p => p.Identity));
        if (guardWeights)
        {
            guards.AddRange(_places.SelectMany(static p => p.Present));
        }

        var patch = new JsonArray([.. guards.Select(static g => g.Operation("test"))]);
        if (JsonPointers.Find(_content, "/metadata/annotations") is null)
        {
            patch.Add(new PointedValue("/metadata/annotations", new JsonObject()).Operation("add"));
        }

        foreach (var value in _places.SelectMany(p => p.Weights(record.Split.WeightY).Concat(p.Strangers)))
        {
            patch.Add(value.Operation("add"));
        }

        // Where a rule was taken from X since this upgrade began, the former number stays: no weight brings it back, so nothing written here may look whole.
        var withoutX = RecordNote.Read(Note) is { } own && own.UpgradeId == record.UpgradeId ? Math.Min(_withoutX, own.WithoutX) : _withoutX;
        patch.Add(new PointedValue(RecordNote.Pointer, RecordNote.Write(record, _options.BackendY, _places.Count, withoutX)).Operation("add"));
        return patch;
    }

    /// <summary>What is missing until the controller follows this object; null when it does, or never says.</summary>
    public string? Unsettled(bool allOnX) => _options.Preset.Status?.Missing(_content, allOnX);

    private string? Note => JsonPointers.Text(_content, RecordNote.Pointer);
}

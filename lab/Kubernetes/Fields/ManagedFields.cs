using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Fields;

/// <summary>Who owns which fields of an object.</summary>
internal sealed class ManagedFields
{
    private readonly List<FieldOwner> _owners;

    public ManagedFields(JsonObject? content) => _owners =
    [
        .. (content?["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>().Select(static e => new FieldOwner(
            (string)e["manager"]!, (string)e["operation"]!, (string?)e["subresource"], (string)e["apiVersion"]!, (string)e["time"]!, FieldSet.Read(e["fieldsV1"]!.AsObject()))),
    ];

    /// <summary>An update gives the fields that it changed to its manager alone.</summary>
    public void Update(string manager, string? subresource, JsonObject? before, JsonObject after, string time)
    {
        var (changed, removed) = FieldSet.Compare(before, after);
        foreach (var owner in _owners)
        {
            owner.Fields.ExceptWith(changed);
            owner.Fields.ExceptWith(removed);
        }

        if (changed.Count > 0)
        {
            var own = _owners.FirstOrDefault(o => o.Manager == manager && o.Operation == FieldOwner.Update && o.Subresource == subresource);
            changed.UnionWith(own?.Fields ?? []);
            Put(own, new FieldOwner(manager, FieldOwner.Update, subresource, (string)after["apiVersion"]!, time, changed));
        }
    }

    /// <summary>Fields of a manifest that others own with another value, with their owner.</summary>
    public IReadOnlyList<(FieldOwner Owner, string Field)> Conflicts(string manager, JsonObject current, JsonObject manifest) =>
    [
        .. _owners.Where(o => o.Operation != FieldOwner.Apply || o.Manager != manager)
            .SelectMany(o => o.Fields.Intersect(FieldSet.Of(manifest)).Select(f => (Owner: o, Field: f)))
            .Where(c => !JsonNode.DeepEquals(FieldSet.Value(current, c.Field), FieldSet.Value(manifest, c.Field))),
    ];

    /// <summary>Fields that the manager applied before, leaves out now and owns alone.</summary>
    public IReadOnlyList<string> LeftOut(string manager, JsonObject manifest)
    {
        var others = _owners.Where(o => o.Operation != FieldOwner.Apply || o.Manager != manager).SelectMany(static o => o.Fields).ToHashSet(StringComparer.Ordinal);
        return [.. (Applied(manager)?.Fields ?? []).Except(FieldSet.Of(manifest)).Where(f => !others.Contains(f))];
    }

    /// <summary>Whether applying the manifest changes who owns what.</summary>
    public bool WouldChange(string manager, JsonObject manifest) => Applied(manager)?.Fields.SetEquals(FieldSet.Of(manifest)) != true;

    /// <summary>Gives the fields of the manifest to its manager; conflicting ones are taken from their owners.</summary>
    public void Apply(string manager, JsonObject manifest, IEnumerable<(FieldOwner Owner, string Field)> taken, string time)
    {
        foreach (var (owner, field) in taken)
        {
            owner.Fields.Remove(field);
        }

        Put(Applied(manager), new FieldOwner(manager, FieldOwner.Apply, null, (string)manifest["apiVersion"]!, time, FieldSet.Of(manifest)));
    }

    /// <summary>As the object shows it: applies first, then by time.</summary>
    public JsonArray Write() =>
    [
        .. _owners.Where(static o => o.Fields.Count > 0)
            .OrderBy(static o => o.Operation, StringComparer.Ordinal).ThenBy(static o => o.Time, StringComparer.Ordinal).ThenBy(static o => o.Manager, StringComparer.Ordinal)
            .Select(Entry),
    ];

    private static JsonNode Entry(FieldOwner owner)
    {
        var entry = new JsonObject
        {
            ["apiVersion"] = owner.ApiVersion,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = FieldSet.Write(owner.Fields),
            ["manager"] = owner.Manager,
            ["operation"] = owner.Operation,
        };
        if (owner.Subresource is not null)
        {
            entry["subresource"] = owner.Subresource;
        }

        entry["time"] = owner.Time;
        return entry;
    }

    private FieldOwner? Applied(string manager) => _owners.FirstOrDefault(o => o.Manager == manager && o.Operation == FieldOwner.Apply);

    private void Put(FieldOwner? former, FieldOwner owner)
    {
        if (former is not null)
        {
            _owners.Remove(former);
        }

        _owners.Add(owner);
    }
}

using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKubernetes.Fields;
using KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>Makes the stored object of what a request wants it to be.</summary>
internal sealed class ApiWrite(ApiPath path, ResourceKind kind, string manager, string fieldValidation, string time)
{
    private static readonly string[] ServersOwn = ["name", "namespace", "uid", "creationTimestamp", "generation", "managedFields"];

    /// <summary>Fields that were dropped since the schema does not have them.</summary>
    public IReadOnlyList<string> Unknown { get; private set; } = [];

    public JsonObject Create(JsonObject wanted, string name)
    {
        var metadata = wanted["metadata"] as JsonObject ?? [];
        wanted["metadata"] = metadata.DeepClone();
        metadata = wanted["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        (metadata["name"], metadata["namespace"], metadata["uid"], metadata["creationTimestamp"]) = (name, path.Namespace, Guid.NewGuid().ToString(), time);
        if (kind.HasGeneration)
        {
            metadata["generation"] = 1L;
        }

        wanted.Remove("status");
        Fit(wanted, wanted);
        var owners = new ManagedFields(null);
        owners.Update(manager, null, null, wanted, time);
        metadata["managedFields"] = owners.Write();
        return wanted;
    }

    /// <summary>An update or one of the patches that are updates.</summary>
    public JsonObject Update(JsonObject before, JsonObject wanted)
    {
        RequireVersion(before, wanted);
        var after = Merged(before, wanted);
        Fit(after, wanted);
        return Finish(before, after, owners => owners.Update(manager, path.Subresource, before, after, time));
    }

    /// <summary>Server-side apply.</summary>
    public JsonObject Apply(JsonObject before, JsonObject manifest, bool force)
    {
        RequireVersion(before, manifest);
        var known = manifest.DeepClone().AsObject();
        if (kind.Schema.Prune(known) is [var unknown, ..])
        {
            throw new ApiErrorException(
                500, "InternalError", $"failed to create typed patch object ({path.Namespace}/{path.Name}; {kind.ApiVersion}, Kind={kind.Kind}): .{unknown}: field not declared in schema");
        }

        var owners = new ManagedFields(before);
        var conflicts = owners.Conflicts(manager, before, manifest);
        if (conflicts.Count > 0 && !force)
        {
            throw Conflict(conflicts);
        }

        var after = before.DeepClone().AsObject();
        foreach (var field in owners.LeftOut(manager, manifest))
        {
            FieldSet.Put(after, field, null);
        }

        foreach (var field in FieldSet.Of(manifest))
        {
            FieldSet.Put(after, field, FieldSet.Value(manifest, field));
        }

        Fit(after, after);
        return Finish(before, after, o => o.Apply(manager, manifest, o.Conflicts(manager, before, manifest), time), owners.WouldChange(manager, manifest));
    }

    private static ApiErrorException Conflict(IReadOnlyList<(FieldOwner Owner, string Field)> conflicts)
    {
        var fields = conflicts.Select(c => (Who: $"{c.Owner.Display}", Field: FieldSet.Display(c.Field))).ToList();
        var text = fields.Count == 1
            ? $"conflict with {fields[0].Who}: {fields[0].Field}"
            : string.Join('\n', fields.GroupBy(static f => f.Who).Select(static g => $"conflicts with {g.Key}:\n{string.Join('\n', g.Select(static f => $"- {f.Field}"))}"));
        var causes = fields.Select(static f => (JsonNode)new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {f.Who}", ["field"] = f.Field });
        return new ApiErrorException(
            409, "Conflict", $"Apply failed with {fields.Count} conflict{(fields.Count == 1 ? "" : "s")}: {text}", new JsonObject { ["causes"] = new JsonArray([.. causes]) });
    }

    private void RequireVersion(JsonObject before, JsonObject wanted)
    {
        if ((string?)wanted["metadata"]?["resourceVersion"] is { Length: > 0 } version && version != (string?)before["metadata"]!["resourceVersion"])
        {
            throw ApiErrorException.Modified(path);
        }
    }

    // Status changes by its sub-resource alone, and everything else not by it.
    private JsonObject Merged(JsonObject before, JsonObject wanted)
    {
        var (body, status) = path.Subresource == "status" ? (before, wanted) : (wanted, before);
        var after = body.DeepClone().AsObject();
        after.Remove("status");
        if (status["status"] is { } kept)
        {
            after["status"] = kept.DeepClone();
        }

        var metadata = after["metadata"] as JsonObject ?? throw ApiErrorException.BadRequest("metadata is no object");
        foreach (var own in ServersOwn.Append("resourceVersion"))
        {
            metadata.Remove(own);
            if (before["metadata"]![own] is { } value)
            {
                metadata[own] = value.DeepClone();
            }
        }

        (after["apiVersion"], after["kind"]) = (kind.ApiVersion, kind.Kind);
        return after;
    }

    private void Fit(JsonObject after, JsonObject wanted)
    {
        var asked = after.DeepClone().AsObject();
        Unknown = kind.Schema.Prune(after);
        if (Unknown.Count > 0 && fieldValidation == "Strict")
        {
            throw ApiErrorException.UnknownFields(asked, Unknown);
        }

        kind.Schema.Default(after);
        if (kind.Schema.Validate(after) is { Count: > 0 } problems)
        {
            throw ApiErrorException.Invalid(kind, path.Name ?? (string?)wanted["metadata"]?["name"] ?? "", problems);
        }
    }

    private JsonObject Finish(JsonObject before, JsonObject after, Action<ManagedFields> own, bool ownersChange = false)
    {
        if (!ownersChange && JsonNode.DeepEquals(before, after))
        {
            return before;
        }

        var metadata = after["metadata"]!.AsObject();
        if (kind.HasGeneration && !JsonNode.DeepEquals(Specification(before), Specification(after)))
        {
            metadata["generation"] = ((long?)metadata["generation"] ?? 0) + 1;
        }

        var owners = new ManagedFields(before);
        own(owners);
        metadata["managedFields"] = owners.Write();
        return after;
    }

    private static JsonObject Specification(JsonObject content)
    {
        var rest = content.DeepClone().AsObject();
        rest.Remove("metadata");
        rest.Remove("status");
        return rest;
    }
}

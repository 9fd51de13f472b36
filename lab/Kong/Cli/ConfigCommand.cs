using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;
using YamlDotNet.RepresentationModel;

namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary><c>kong config db_export|db_import</c>: the whole configuration as one YAML file.</summary>
internal sealed class ConfigCommand(Flavour flavour, KongConfiguration configuration)
{
    // Parents before children: an import inserts in this order.
    private static readonly string[] Order =
    [
        "ca_certificates", "certificates", "consumers", "services", "routes", "upstreams", "key_sets", "keys", "snis", "targets", "plugins", "filter_chains",
        "vaults_beta", "sm_vaults", "acls", "basicauth_credentials", "hmacauth_credentials", "jwt_secrets", "keyauth_credentials", "oauth2_credentials",
    ];

    private readonly SchemaCatalog _schemas = new(flavour);

    public async Task<int> RunAsync(string? action, string? file, CancellationToken cancellationToken)
    {
        configuration.Prefix.Create();
        await using var database = await KongDatabase.OpenAsync(configuration, flavour, cancellationToken);
        var store = new EntityStore(database, _schemas, Guid.NewGuid(), TimeProvider.System);
        return action switch
        {
            "db_export" => await ExportAsync(store, database, file ?? "kong.yml", cancellationToken),
            "db_import" => await ImportAsync(store, file ?? throw new CommandFailedException("missing argument: the file to import"), cancellationToken),
            _ => throw new CommandFailedException($"unknown command '{action}'"),
        };
    }

    private async Task<int> ExportAsync(EntityStore store, KongDatabase database, string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
        {
            throw new CommandFailedException($"{file} already exists. Will not overwrite it.");
        }

        var root = new YamlMappingNode { { "_format_version", new YamlScalarNode(flavour.IsThree ? "3.0" : "2.1") { Style = YamlDotNet.Core.ScalarStyle.SingleQuoted } }, { "_transform", "false" } };
        foreach (var schema in Order.Select(_schemas.Find).OfType<EntitySchema>().Where(s => database.Columns.ContainsKey(s.Table)))
        {
            var rows = await store.ListAsync(schema, new EntityQuery(), cancellationToken);
            if (rows.Count > 0)
            {
                root.Add(schema.Table, new YamlSequenceNode(rows.Select(r => YamlText.FromJson(Flat(schema, r)))));
            }
        }

        // Keys and secrets are in it.
        await using (var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        await using (var writer = new StreamWriter(stream))
        {
            new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        }

        return 0;
    }

    private async Task<int> ImportAsync(EntityStore store, string file, CancellationToken cancellationToken)
    {
        var yaml = new YamlStream();
        using (var reader = new StreamReader(file))
        {
            yaml.Load(reader);
        }

        if (YamlText.ToJson(yaml.Documents[0].RootNode) is not JsonObject root)
        {
            throw new CommandFailedException("failed parsing declarative configuration: expected a mapping");
        }

        var entries = new List<(EntitySchema Schema, JsonObject Entity)>();
        var validator = new EntityValidator(_schemas, flavour);
        var defaults = new Admin.EntityDefaults(_schemas, TimeProvider.System);
        foreach (var schema in Order.Select(_schemas.Find).OfType<EntitySchema>())
        {
            foreach (var item in (root[schema.Table] as JsonArray ?? []).OfType<JsonObject>())
            {
                var entity = defaults.Complete(schema, Nested(schema, (JsonObject)item.DeepClone()));
                if (validator.Check(schema, entity) is { Any: true } violations)
                {
                    // All or nothing: nothing has been written yet.
                    throw new CommandFailedException($"Failed importing:\nin '{schema.Table}': {violations.Message()}");
                }

                entries.Add((schema, entity));
            }
        }

        foreach (var (schema, entity) in entries)
        {
            if (await store.UpdateAsync(schema, entity, cancellationToken) is null)
            {
                await store.InsertAsync(schema, entity, cancellationToken);
            }
        }

        Console.WriteLine("import successful");
        return 0;
    }

    // In the file a reference is the bare id.
    private static JsonObject Flat(EntitySchema schema, JsonObject entity)
    {
        foreach (var field in schema.Fields.Where(f => f.IsForeign))
        {
            entity[field.Name] = entity[field.Name]?["id"]?.DeepClone();
        }

        return entity;
    }

    private static JsonObject Nested(EntitySchema schema, JsonObject entity)
    {
        foreach (var field in schema.Fields.Where(f => f.IsForeign))
        {
            if (entity[field.Name] is JsonValue id)
            {
                entity[field.Name] = new JsonObject { ["id"] = id.ToString() };
            }
        }

        return entity;
    }
}

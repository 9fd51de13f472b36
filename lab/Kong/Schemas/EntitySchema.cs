using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>One kind of entity: a table and the fields that the Admin API shows of it.</summary>
internal sealed class EntitySchema(string table, JsonObject definition)
{
    private static readonly Dictionary<string, string> KeyFields = new(StringComparer.Ordinal)
    {
        ["consumers"] = "username",
        ["keyauth_credentials"] = "key",
        ["basicauth_credentials"] = "username",
        ["hmacauth_credentials"] = "username",
        ["jwt_secrets"] = "key",
        ["oauth2_credentials"] = "client_id",
        ["plugins"] = "instance_name",
        ["targets"] = "target",
        ["vaults_beta"] = "prefix",
        ["sm_vaults"] = "prefix",
    };

    public string Table { get; } = table;

    /// <summary>The answer of <c>GET /schemas/{entity}</c>.</summary>
    public JsonObject Definition { get; } = definition;

    public IReadOnlyList<FieldSchema> Fields { get; } = FieldSchema.ReadFields(definition["fields"]);

    public FieldSchema? Field(string name) => Fields.FirstOrDefault(f => f.Name == name);

    /// <summary>The field that may stand in a URL instead of the id; null where only the id may.</summary>
    public string? KeyField
    {
        get
        {
            var name = KeyFields.GetValueOrDefault(Table, "name");
            return Field(name) is null ? null : name;
        }
    }
}

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Which URL words stand for which tables.</summary>
internal static class EntityCollection
{
    private static readonly Dictionary<string, string> TopLevel = new(StringComparer.Ordinal)
    {
        ["services"] = "services",
        ["routes"] = "routes",
        ["consumers"] = "consumers",
        ["plugins"] = "plugins",
        ["upstreams"] = "upstreams",
        ["certificates"] = "certificates",
        ["ca_certificates"] = "ca_certificates",
        ["snis"] = "snis",
        ["acls"] = "acls",
        ["key-auths"] = "keyauth_credentials",
        ["basic-auths"] = "basicauth_credentials",
        ["hmac-auths"] = "hmacauth_credentials",
        ["jwts"] = "jwt_secrets",
        ["oauth2"] = "oauth2_credentials",
        ["workspaces"] = "workspaces",
        ["vaults-beta"] = "vaults_beta",
        ["vaults"] = "sm_vaults",
        ["key-sets"] = "key_sets",
        ["keys"] = "keys",
        ["filter-chains"] = "filter_chains",
    };

    private static readonly Dictionary<(string Parent, string Word), string> Nested = new()
    {
        [("services", "routes")] = "routes",
        [("services", "plugins")] = "plugins",
        [("services", "filter-chains")] = "filter_chains",
        [("routes", "plugins")] = "plugins",
        [("routes", "filter-chains")] = "filter_chains",
        [("consumers", "plugins")] = "plugins",
        [("consumers", "acls")] = "acls",
        [("consumers", "key-auth")] = "keyauth_credentials",
        [("consumers", "basic-auth")] = "basicauth_credentials",
        [("consumers", "hmac-auth")] = "hmacauth_credentials",
        [("consumers", "jwt")] = "jwt_secrets",
        [("consumers", "oauth2")] = "oauth2_credentials",
        [("upstreams", "targets")] = "targets",
        [("certificates", "snis")] = "snis",
        [("certificates", "services")] = "services",
        [("certificates", "upstreams")] = "upstreams",
        [("key_sets", "keys")] = "keys",
    };

    public static IEnumerable<KeyValuePair<string, string>> All => TopLevel;

    public static IEnumerable<(string Parent, string Word)> AllNested => Nested.Keys;

    public static string? Table(string word) => TopLevel.GetValueOrDefault(word);

    public static string? NestedTable(string parentTable, string word) => Nested.GetValueOrDefault((parentTable, word));
}

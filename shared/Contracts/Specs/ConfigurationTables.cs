namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>The tables in which Kong keeps configuration, open-source and Enterprise editions 2.x and 3.x: only Admin API, Kong Manager, command line and migrations write them, but for the exceptions that the write fence knows.</summary>
public static class ConfigurationTables
{
    /// <summary>Their names without schema.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "workspaces", "services", "routes", "upstreams", "targets", "consumers", "plugins", "certificates", "snis", "ca_certificates",
        "sm_vaults", "vaults_beta", "key_sets", "keys", "filter_chains", "tags", "parameters", "schema_meta",
        "acls", "basicauth_credentials", "hmacauth_credentials", "jwt_secrets", "keyauth_credentials", "oauth2_credentials",

        // Enterprise
        "licenses", "keyauth_enc_credentials", "mtls_auth_credentials", "header_cert_auth_credentials", "vault_auth_vaults", "vaults",
        "rbac_users", "rbac_roles", "rbac_user_roles", "rbac_role_endpoints", "rbac_role_entities", "rbac_user_groups",
        "groups", "group_rbac_roles", "admins", "credentials", "consumer_reset_secrets",
        "developers", "applications", "application_instances", "document_objects", "files", "legacy_files",
        "consumer_groups", "consumer_group_consumers", "consumer_group_plugins", "partials", "plugins_partials", "custom_plugins", "event_hooks",
        "degraphql_routes", "graphql_ratelimiting_advanced_cost_decoration", "konnect_applications",
        "ace_auth_strategies", "ace_credentials", "ace_operations", "ace_operation_groups", "ace_operation_groups_credentials", "ace_operation_groups_operations",
        "keyring_keys", "keyring_meta",
    ];
}

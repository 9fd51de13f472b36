using KongUpgradeMesh.Kong.Versions;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>What migrations do to data, and versions whose migrations are known to fail.</summary>
internal static class DatabaseRules
{
    private static readonly HashSet<string> ReservedNames =
    [
        "services", "routes", "plugins", "consumers", "upstreams", "certificates", "snis", "vaults", "keys", "key-sets", "status", "config",
        "schemas", "tags", "cache", "workspaces", "endpoints", "clustering", "debug", "timers", "acls", "jwts", "metrics",
    ];

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("db-cassandra-removed", "3.4", Blocker,
            "Cassandra support ends with 3.4: bring the data to PostgreSQL while still on the old version.",
            static c => c.ConfigurationX["database"] == "cassandra" ? ["kong.conf: database"] : []),
        new("db-pg-ssl-version-enum", "3.2", Blocker,
            "Set pg_ssl_version of cluster Y to tlsv1_1, tlsv1_2, tlsv1_3 or any; Kong does not start with another value.",
            static c => c.ConfigurationY["pg_ssl_version"] is { } v && v is not ("tlsv1_1" or "tlsv1_2" or "tlsv1_3" or "any") ? ["kong.conf: pg_ssl_version"] : []),
        new("db-pg-ssl-version-default", "3.2", Warning,
            "The lowest TLS version towards PostgreSQL becomes 1.2: make sure the server offers it, or set pg_ssl_version.",
            static c => c.ConfigurationY.IsOn("pg_ssl") && c.ConfigurationY["pg_ssl_version"] is null ? ["kong.conf: pg_ssl_version"] : []),
        new("db-pg-ssl-verify-default", "3.14", Blocker,
            "Cluster Y will verify PostgreSQL's certificate: put its CA into lua_ssl_trusted_certificate, or switch pg_ssl_verify and tls_certificate_verify off on purpose.",
            static c => c.ConfigurationY.IsOn("pg_ssl") && !c.ConfigurationY.IsOn("pg_ssl_verify") ? ["kong.conf: pg_ssl_verify"] : []),
        new("db-duplicate-targets", "3.0", Warning,
            "Migration keeps the newest of several equal targets: remove the others before the freeze if their weights matter.",
            static c => c.Entities.DuplicateTargets.Select(static t => "target " + t)),
        new("db-vaults-beta-dropped", "3.0", Warning,
            "The beta vaults move to another table: try every vault reference on cluster Y.",
            static c => c.Entities.FilledTables.Contains("vaults_beta") ? ["table vaults_beta"] : []),
        new("db-ttls-dropped", "3.4", Info,
            "Nothing to do, unless a script of yours reads the table: it disappears.",
            static c => c.Entities.Tables.Contains("ttls") ? ["table ttls"] : []),
        new("db-license-llm-data", "3.11", Blocker,
            "3.11.0.0 cannot migrate licence counters of AI plugins: aim at 3.11.0.1 or later.",
            static c => c.To == new KongVersion(3, 11) && c.Entities.FilledTables.Contains("license_llm_data") ? ["table license_llm_data"] : []),
        new("db-38-redis-sql", "3.8", Blocker,
            "Migrations of this very release are broken: aim at 3.8.1.1 or later.",
            static c => c.To == new KongVersion(3, 8) || c.To == new KongVersion(3, 8, 1) ? [$"version {c.To}"] : []),
        new("db-310-relations", "3.10", Blocker,
            "Migrations of this release can stop at a missing table: aim at 3.10.0.7, 3.11.0.7, 3.12.0.1 or later.",
            static c => Within(c.To, new(3, 10), new(3, 10, 0, 7)) || Within(c.To, new(3, 11), new(3, 11, 0, 7)) || c.To == new KongVersion(3, 12) ? [$"version {c.To}"] : []),
        new("db-otel-migration", "3.7", Blocker,
            "The migration of opentelemetry from below 3.3 fails in 3.7: aim at 3.8 or later.",
            static c => c.From < new KongVersion(3, 3) && c.To.Line == "3.7" ? c.Describe(c.Plugins("opentelemetry")) : []),
        new("db-36-redis-migration-bug", "3.6", Warning,
            "The first releases of 3.6 convert Redis settings wrongly: aim at 3.6.1.5 or at 3.7.",
            static c => Within(c.To, new(3, 6), new(3, 6, 1, 5)) ? c.Describe(c.Plugins("acme", "rate-limiting", "response-ratelimiting")) : []),
        new("db-workspace-names", "3.15", Blocker,
            "A workspace is named like a path of the Admin API: rename it before the freeze, 3.15 refuses to start.",
            static c => c.Entities.Workspaces.Where(ReservedNames.Contains).Select(static w => "workspace " + w)),
        new("ent-consumer-group-overrides", "3.4", Warning,
            "Overrides of consumer groups are on their way out: express them as plugins attached to the group.",
            static c => c.Entities.FilledTables.Contains("consumer_group_plugins") ? ["table consumer_group_plugins"] : []),
        new("keyring-not-shared", null, Blocker,
            "Encrypted fields are unreadable on cluster Y until the keyring is recovered or imported there: do that by hand before it starts, then override.",
            static c => c.ConfigurationX.IsOn("keyring_enabled") && c.Entities.FilledTables.Contains("keyring_keys") ? ["table keyring_keys"] : []),
    ];

    private static bool Within(KongVersion version, KongVersion from, KongVersion below) => version >= from && version < below;
}

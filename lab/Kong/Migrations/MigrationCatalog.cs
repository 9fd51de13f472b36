namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>Which migrations a release knows, in the order in which it runs them.</summary>
internal static class MigrationCatalog
{
    private static readonly Migration[] Release28 =
    [
        .. Of("core", "000_base", "003_100_to_110", "004_110_to_120", "005_120_to_130", "006_130_to_140", "007_140_to_150", "008_150_to_200",
            "009_200_to_210", "010_210_to_211", "011_212_to_213", "012_213_to_220", "013_220_to_230", "014_230_to_270", "015_270_to_280"),
        .. Of("acl", "000_base_acl", "002_130_to_140", "003_200_to_210", "004_212_to_213"),
        .. Of("acme", "000_base_acme"),
        .. Of("basic-auth", "000_base_basic_auth", "002_130_to_140", "003_200_to_210"),
        .. Of("bot-detection", "001_200_to_210"),
        .. Of("hmac-auth", "000_base_hmac_auth", "002_130_to_140", "003_200_to_210"),
        .. Of("ip-restriction", "001_200_to_210"),
        .. Of("jwt", "000_base_jwt", "002_130_to_140", "003_200_to_210"),
        .. Of("key-auth", "000_base_key_auth", "002_130_to_140", "003_200_to_210"),
        .. Of("oauth2", "000_base_oauth2", "003_130_to_140", "004_200_to_210", "005_210_to_211"),
        .. Of("rate-limiting", "000_base_rate_limiting", "003_10_to_112", "004_200_to_210"),
        .. Of("response-ratelimiting", "000_base_response_rate_limiting"),
        .. Of("session", "000_base_session", "001_add_ttl_index"),
    ];

    /// <summary>What 3.4 adds to 2.8.</summary>
    private static readonly Migration[] From28To34 =
    [
        new("core", "016_280_to_300", HasTeardown: true),
        .. Of("core", "017_300_to_310", "018_310_to_320", "019_320_to_330", "020_330_to_340"),
        .. Of("acme", "001_280_to_300", "002_320_to_330"),
        new("http-log", "001_280_to_300", HasTeardown: true),
        .. Of("key-auth", "004_320_to_330"),
        .. Of("oauth2", "006_320_to_330", "007_320_to_330"),
        new("post-function", "001_280_to_300", HasTeardown: true),
        new("pre-function", "001_280_to_300", HasTeardown: true),
        .. Of("rate-limiting", "005_320_to_330"),
        .. Of("session", "002_320_to_330"),
    ];

    private static readonly Migration[] Release34 = [.. Sorted([.. Release28, .. From28To34])];

    public static IReadOnlyList<Migration> Of(Flavour flavour) => flavour.IsThree ? Release34 : Release28;

    /// <summary>Whether the migration is part of the schema that <c>base-2.8.5.sql</c> creates at once.</summary>
    public static bool IsInBase(Migration migration) => Array.IndexOf(Release28, migration) >= 0;

    // Core goes first because the plugins' tables refer to its tables; LINQ's order is stable within a subsystem.
    private static IEnumerable<Migration> Sorted(IEnumerable<Migration> migrations) =>
        migrations.OrderBy(m => m.Subsystem == "core" ? "" : m.Subsystem, StringComparer.Ordinal);

    private static IEnumerable<Migration> Of(string subsystem, params string[] names) => names.Select(n => new Migration(subsystem, n));
}

using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>Modes of Kong in which there is no PostgreSQL database to copy.</summary>
internal static class ModeRule
{
    /// <param name="setting">Looks a setting up.</param>
    /// <param name="where">Who says so, for people.</param>
    /// <param name="report">Takes the problems.</param>
    public static void Apply(Func<string, string?> setting, string where, PreflightReport report)
    {
        switch (setting("database"))
        {
            case "cassandra":
                report.Problem(FailureCodes.CassandraNotSupported, $"Cluster {where} runs on Cassandra.", "Move it to PostgreSQL first; the procedure copies a PostgreSQL database.");
                break;
            case "off":
                report.Problem(FailureCodes.ModeNotSupported, $"Cluster {where} runs without a database.", "Roll its nodes one by one with the new version; there is nothing to copy.");
                break;
        }

        if (setting("role") == "data_plane")
        {
            report.Problem(FailureCodes.ModeNotSupported, $"A node of cluster {where} is a data plane and has no database.", "Describe the control plane here, and roll data planes afterwards.");
        }
    }
}

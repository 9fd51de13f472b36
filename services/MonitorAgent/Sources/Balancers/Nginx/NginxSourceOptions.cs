namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;

/// <summary>Settings of a source of the kind nginx.</summary>
internal sealed record NginxSourceOptions
{
    /// <summary>The log in the documented format: an absolute path on the agent's host.</summary>
    public required string Log { get; init; }

    /// <summary>Reads the settings and notes everything that is wrong with them.</summary>
    public static NginxSourceOptions Bind(SourceSettings settings)
    {
        settings.RejectUnknown("log");
        var log = settings.Required("log");
        if (log.Length > 0 && !Path.IsPathFullyQualified(log))
        {
            settings.Wrong("log", $"is \"{log}\"; an absolute path is needed");
        }

        return new NginxSourceOptions { Log = log };
    }
}

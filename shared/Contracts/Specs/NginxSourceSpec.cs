using KongUpgradeMesh.Contracts.Specs.Reading;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>The settings of a <see cref="MetricSourceSpec"/> of the kind <c>nginx</c>.</summary>
/// <remarks>Read where a spec is taken, so that a wrong setting refuses it, and by the monitor agent again: both by the same rules.</remarks>
public sealed record NginxSourceSpec
{
    /// <summary>The kind in <see cref="MetricSourceSpec.Kind"/>.</summary>
    public const string Kind = "nginx";

    /// <summary>The log in the documented format: an absolute path of a file on the monitor agent's host.</summary>
    public required string Log { get; init; }

    /// <summary>Reads the settings; what it gives is of use only when nothing was wrong.</summary>
    /// <param name="settings">As the spec has them.</param>
    /// <param name="wrong">Is told of every setting that is wrong, and why.</param>
    public static NginxSourceSpec Read(IReadOnlyDictionary<string, string> settings, Action<string, string> wrong)
    {
        var source = new SourceSettings(settings, wrong);
        source.RejectUnknown("log");
        var log = source.Required("log");

        // Told apart by hand, since a spec may be checked on another system than the agent's.
        if (log.Length > 0 && (!log.StartsWith('/') || log.EndsWith('/') || log.Any(char.IsControl)))
        {
            source.Wrong("log", $"'{log}' is not valid: an absolute path of a file on the monitor agent's host");
        }

        return new NginxSourceSpec { Log = log };
    }
}

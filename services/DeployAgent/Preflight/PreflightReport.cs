using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>What the checks found. All problems are collected, so that an operator sees them at once.</summary>
internal sealed class PreflightReport
{
    // The code of the first of these that was found is the code of the whole: what would do the most harm comes first.
    private static readonly string[] Gravity =
    [
        FailureCodes.SameDatabase, FailureCodes.CassandraNotSupported, FailureCodes.ModeNotSupported, FailureCodes.DatabaseNotEmpty,
        FailureCodes.VersionPathNotAllowed, FailureCodes.SpecInvalid, FailureCodes.VersionMismatch, FailureCodes.MigrationsPending,
        FailureCodes.DatabaseVersionTooOld, FailureCodes.DatabaseNotPermitted, FailureCodes.UnknownTables, FailureCodes.MonitorBlind, FailureCodes.DiskSpaceLow,
        FailureCodes.ToolMissing, FailureCodes.SecretNotFound, FailureCodes.DatabaseUnreachable, FailureCodes.ClusterUnreachable,
    ];

    private readonly List<Failure> _problems = [];
    private readonly List<string> _warnings = [];
    private readonly SortedDictionary<string, string> _facts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Facts => _facts;

    public IReadOnlyList<string> Warnings => _warnings;

    public IReadOnlyList<ConfigurationWriter> Writers { get; set; } = [];

    public void Fact(string name, object value) => _facts[name] = value.ToString() ?? "";

    public void Warn(string text) => _warnings.Add(text);

    public void Problem(Failure failure) => _problems.Add(failure);

    public void Problem(string code, string message, string remedy) => Problem(new Failure { Code = code, Message = message, Remedy = remedy });

    /// <summary>One failure for all problems, or null when there is none. It is transient only when waiting could cure every one of them.</summary>
    public Failure? Verdict()
    {
        if (_problems.Count == 0)
        {
            return null;
        }

        var gravest = _problems.MinBy(static p => Array.IndexOf(Gravity, p.Code) is var rank and >= 0 ? rank : int.MaxValue)!;
        var others = _problems.Count > 1 ? $" ({_problems.Count} problems in all, see the details)" : "";
        return gravest with
        {
            Message = gravest.Message + others,
            IsTransient = _problems.TrueForAll(static p => p.IsTransient),
            Details = [.. _problems.SelectMany(static p => p.Details.Select(d => $"  {d}").Prepend($"{p.Code}: {p.Message} {p.Remedy}"))],
        };
    }
}

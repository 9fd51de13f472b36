namespace KongUpgradeMesh.TestKit;

/// <summary>Decides what a missing server program means: a skip on a laptop, a failure where <c>CI</c> is set.</summary>
public static class RequiredServer
{
    /// <summary>Whether this run must not skip.</summary>
    public static bool OnCi => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>Folder of the recordings of real Kong, or null where they are not given (<c>KUM_RECORDED_KONG</c>).</summary>
    public static string? RecordedKong => Environment.GetEnvironmentVariable("KUM_RECORDED_KONG") is { Length: > 0 } path && Directory.Exists(path) ? path : null;

    /// <summary>Why a test that needs the recordings is skipped.</summary>
    public const string NoRecordings = "KUM_RECORDED_KONG does not name the folder of the recordings of real Kong";

    /// <summary>Folder of the exchanges recorded from a real kube-apiserver, or null where they are not given (<c>KUM_RECORDED_KUBERNETES</c>).</summary>
    public static string? RecordedKubernetes => Environment.GetEnvironmentVariable("KUM_RECORDED_KUBERNETES") is { Length: > 0 } path && Directory.Exists(path) ? path : null;

    /// <summary>Why a test that needs those exchanges is skipped.</summary>
    public const string NoKubernetesRecordings = "KUM_RECORDED_KUBERNETES does not name the folder of the exchanges recorded from a real kube-apiserver";
}

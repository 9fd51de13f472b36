namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>A way to judge error rates second by second.</summary>
internal interface IJudge
{
    /// <summary>Takes a second of both sides.</summary>
    /// <returns>Whether cluster Y has failed by now.</returns>
    bool HasFailed((int Requests, int Errors) x, (int Requests, int Errors) y);
}

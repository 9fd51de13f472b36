namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>What most tools do: once a minute, is the error rate of the last minute above one percent?</summary>
internal sealed class WindowThreshold : IJudge
{
    private const int Seconds = 60;
    private const double Most = 0.01;
    private int _seconds;
    private int _requests;
    private int _errors;

    public bool HasFailed((int Requests, int Errors) x, (int Requests, int Errors) y)
    {
        (_requests, _errors) = (_requests + y.Requests, _errors + y.Errors);
        if (++_seconds % Seconds != 0)
        {
            return false;
        }

        var failed = _errors > _requests * Most;
        (_requests, _errors) = (0, 0);
        return failed;
    }
}

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Whether cluster Y answers like cluster X.</summary>
internal static class AnswerComparison
{
    private const int TooManyRequests = 429;

    /// <summary>True when both matched or both did not match a route, and their statuses are alike.</summary>
    public static bool Agree(ProxyAnswer x, ProxyAnswer y)
    {
        if (!x.HasAnswered || !y.HasAnswered || x.IsUnmatched != y.IsUnmatched)
        {
            return false;
        }

        // Counters are not shared, so a limit may be used up on one side only; the route has matched all the same.
        if (x.Status == TooManyRequests || y.Status == TooManyRequests)
        {
            return x.Status < 500 && y.Status < 500;
        }

        // Refusals have to be the same refusal: 401 and 404 are both "4xx", but not to a client.
        return IsRefusal(x.Status) || IsRefusal(y.Status) ? x.Status == y.Status : x.Status / 100 == y.Status / 100;
    }

    private static bool IsRefusal(int status) => status is 401 or 403;
}

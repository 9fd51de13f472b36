using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>What the clients' answers say.</summary>
public sealed class AnswerReading(IReadOnlyList<ClientAnswer> answers)
{
    /// <summary>All requests.</summary>
    public long Total => answers.Count;

    /// <summary>Requests with another answer than the expected one.</summary>
    public long Failed => answers.Count(static a => !a.IsExpected);

    /// <summary>Of the failed ones those that Y answered after a time.</summary>
    public long FailedOnYSince(DateTimeOffset from) => answers.Count(a => !a.IsExpected && a.Side == ClusterSide.Y && a.AnsweredAt >= from);

    /// <summary>Requests a second between the first and the last.</summary>
    public double PerSecond => answers.Count < 2 ? 0 : answers.Count / Math.Max(0.001, (answers.Max(static a => a.AnsweredAt) - answers.Min(static a => a.SentAt)).TotalSeconds);

    /// <summary>When the last answer of Y came; null when Y answered none.</summary>
    public DateTimeOffset? LastAnswerOfY => answers.Where(static a => a.Side == ClusterSide.Y).Select(static a => (DateTimeOffset?)a.AnsweredAt).Max();

    /// <summary>How many requests were sent between two times, and the share of them that Y answered (null without any).</summary>
    public (long Requests, double? ShareY) Between(DateTimeOffset from, DateTimeOffset to)
    {
        var sent = answers.Where(a => a.SentAt >= from && a.SentAt < to && a.Side is not null).ToList();
        return (sent.Count, sent.Count == 0 ? null : Math.Round(sent.Count(static a => a.Side == ClusterSide.Y) / (double)sent.Count, 4));
    }

    /// <summary>Clients that, after an answer of Y had come, sent a request that X answered. What they sent before <paramref name="from"/> (the end of the drill) or
    /// after <paramref name="until"/> (a rollback) does not count; null for no such limit.</summary>
    public int MovedBack(DateTimeOffset? from, DateTimeOffset? until)
    {
        var arrivedOnY = answers.Where(a => a.Side == ClusterSide.Y && (from is null || a.SentAt >= from))
            .GroupBy(static a => a.Client)
            .ToDictionary(static g => g.Key, static g => g.Min(static a => a.AnsweredAt));
        return answers.Where(a => a.Side == ClusterSide.X && (until is null || a.SentAt < until))
            .Where(a => arrivedOnY.TryGetValue(a.Client, out var arrived) && a.SentAt > arrived)
            .Select(static a => a.Client)
            .Distinct()
            .Count();
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Ownership;

namespace KongUpgradeMesh.TrafficAgent.Tests.Ownership;

public sealed class ShareJudgementTests
{
    private static readonly DriverCapabilities Sticky = new() { IsSticky = true, Assignment = TrafficAssignment.PerRequest, SeesShare = true };
    private static readonly DriverCapabilities EachRequest = Sticky with { IsSticky = false };
    private static readonly DriverCapabilities Lookups = Sticky with { IsSticky = false, Assignment = TrafficAssignment.PerLookup, Lag = TimeSpan.FromSeconds(30) };

    [Theory]
    [InlineData(10, 0.029, 100_000, false)] // What 100 keys of Zipf-distributed traffic do to 10 %.
    [InlineData(10, 0.266, 100_000, false)]
    [InlineData(10, 0, 100_000, false)] // 50 keys miss a tenth once in two hundred times.
    [InlineData(50, 0, 1_000, true)]
    [InlineData(50, 1, 1_000, true)]
    [InlineData(50, 0, 99, false)]
    [InlineData(90, 0, 1_000, true)]
    [InlineData(90, 1, 1_000, false)]
    [InlineData(100, 0, 1_000, true)]
    [InlineData(100, 1, 1_000, false)]
    public void A_share_of_keys_is_only_contradicted_by_a_side_that_sees_nothing(int weight, double share, long requests, bool contradicted) =>
        Assert.Equal(contradicted, Judge(Sticky, weight, share, requests) is not null);

    [Theory]
    [InlineData(10, 0.10, 10_000, false)]
    [InlineData(10, 0.115, 10_000, false)]
    [InlineData(10, 0.12, 10_000, true)]
    [InlineData(10, 0.08, 10_000, true)]
    [InlineData(10, 0.19, 100, false)] // 4 standard deviations of 100 requests are 12 points.
    [InlineData(10, 0.24, 100, true)]
    [InlineData(1, 0, 100, false)]
    [InlineData(100, 0.99, 1_000, true)]
    public void A_share_of_requests_is_held_to_the_binomial_bound(int weight, double share, long requests, bool contradicted) =>
        Assert.Equal(contradicted, Judge(EachRequest, weight, share, requests) is not null);

    [Fact]
    public void Nothing_seen_contradicts_nothing() =>
        Assert.Null(ShareJudgement.Contradiction(EachRequest, new TrafficSplit { WeightY = 50 }, Verification.NotSupported));

    [Fact]
    public void Lookups_are_judged_like_keys_and_their_time_to_live_is_named()
    {
        Assert.Null(Judge(Lookups, 50, 0.2, 10_000));
        Assert.NotNull(Judge(Lookups, 50, 0, 10_000));
        Assert.Contains("for 30 s and their open connections", ShareJudgement.CauseOf(Lookups), StringComparison.Ordinal);
        Assert.Contains("keep-alive", ShareJudgement.CauseOf(Lookups with { Assignment = TrafficAssignment.PerConnection }), StringComparison.Ordinal);
    }

    private static string? Judge(DriverCapabilities can, int weight, double share, long requests) =>
        ShareJudgement.Contradiction(can, new TrafficSplit { WeightY = weight }, new Verification(share, requests));
}

using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class WeightPlanTests
{
    [Theory]
    [InlineData(1, 1, 50, 1, 1)]
    [InlineData(2, 2, 1, 99, 1)]
    [InlineData(2, 3, 50, 3, 2)]
    [InlineData(2, 3, 1, 148, 1)]
    [InlineData(3, 1, 25, 1, 1)]
    public void Takes_the_smallest_weights_that_come_closest(int serversX, int serversY, int weightY, int x, int y) =>
        Assert.Equal((x, y), new WeightPlan(serversX, serversY).Find(weightY));

    [Fact]
    public void Every_share_that_is_promised_is_met_to_a_tenth_of_a_point()
    {
        for (var (x, y) = (1, 1); x <= 12; (x, y) = y == 12 ? (x + 1, 1) : (x, y + 1))
        {
            var plan = new WeightPlan(x, y);
            foreach (var share in plan.Shares().Where(static s => s < 100))
            {
                var (ofX, ofY) = plan.Find(share)!.Value;
                Assert.InRange(ofX, 1, 256);
                Assert.InRange(ofY, 1, 256);
                Assert.InRange(100.0 * ofY * y / ((ofX * x) + (ofY * y)), share - 0.1, share + 0.1);
            }
        }
    }

    [Fact]
    public void Many_servers_on_one_side_leave_out_the_shares_that_whole_weights_cannot_express()
    {
        Assert.Equal(Enumerable.Range(1, 100), new WeightPlan(2, 3).Shares());

        var shares = new WeightPlan(1, 10).Shares();

        Assert.DoesNotContain(1, shares);
        Assert.Contains(5, shares);
        Assert.Contains(100, shares);
    }
}

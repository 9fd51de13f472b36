using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Demo.Traffic;

namespace KongUpgradeMesh.System.Tests.Demo;

public sealed class AnswerReadingTests
{
    [Fact]
    public void Counts_a_client_as_moved_back_only_when_its_request_surely_came_later()
    {
        var reading = new AnswerReading(
        [
            Answer("returns", 0, 1, ClusterSide.Y), Answer("returns", 2, 3, ClusterSide.X),
            Answer("overtakes", 0, 5, ClusterSide.Y), Answer("overtakes", 1, 2, ClusterSide.X),
            Answer("moves", 0, 1, ClusterSide.X), Answer("moves", 2, 3, ClusterSide.Y),
        ]);

        Assert.Equal(1, reading.MovedBack(null, null));
        Assert.Equal(0, reading.MovedBack(null, Timelines.At(1.5)));
        Assert.Equal(0, reading.MovedBack(Timelines.At(0.5), null));
    }

    [Fact]
    public void Blames_only_what_Y_answered_after_the_fault_on_the_fault()
    {
        var reading = new AnswerReading(
        [
            Answer("a", 0, 1, ClusterSide.Y, isExpected: false), Answer("a", 2, 3, ClusterSide.Y, isExpected: false), Answer("b", 2, 3, ClusterSide.X, isExpected: false), Answer("c", 2, 3, null, isExpected: false),
        ]);

        Assert.Equal(4, reading.Failed);
        Assert.Equal(1, reading.FailedOnYSince(Timelines.At(2)));
    }

    [Fact]
    public void Does_not_know_a_share_without_requests()
    {
        var reading = new AnswerReading([Answer("a", 0, 1, ClusterSide.Y), Answer("b", 0, 1, ClusterSide.X), Answer("c", 0, 1, null)]);

        Assert.Equal((2, 0.5), reading.Between(Timelines.At(0), Timelines.At(1)));
        Assert.Equal((0, null), reading.Between(Timelines.At(5), Timelines.At(6)));
    }

    private static ClientAnswer Answer(string client, double sent, double answered, ClusterSide? side, bool isExpected = true) =>
        new(client, Timelines.At(sent), Timelines.At(answered), side, 200, isExpected);
}

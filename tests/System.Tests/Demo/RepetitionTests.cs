using KongUpgradeMesh.Lab.Demo.Freeze;

namespace KongUpgradeMesh.System.Tests.Demo;

public sealed class RepetitionTests
{
    [Fact]
    public async Task Everybody_who_stops_it_waits_for_the_last_round()
    {
        var (begun, told, let) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var rounds = 0;
        await using var repetition = new Repetition(
            async cancellationToken =>
            {
                rounds++;
                cancellationToken.Register(told.SetResult);
                begun.TrySetResult();
                await let.Task;
            },
            TimeSpan.FromMilliseconds(1),
            TimeProvider.System);
        repetition.Start();
        await begun.Task;

        var stops = Enumerable.Range(0, 8).Select(_ => Task.Run(repetition.StopAsync)).ToArray();
        await told.Task;
        Assert.DoesNotContain(stops, static s => s.IsCompleted);
        let.SetResult();
        await Task.WhenAll(stops);
        Assert.Equal(1, rounds);
    }

    [Fact]
    public async Task It_can_begin_again()
    {
        using var rounds = new SemaphoreSlim(0);
        await using var repetition = new Repetition(
            _ =>
            {
                rounds.Release();
                return Task.CompletedTask;
            },
            TimeSpan.FromMinutes(1),
            TimeProvider.System);
        for (var start = 0; start < 2; start++)
        {
            repetition.Start();
            Assert.True(await rounds.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
            await repetition.StopAsync();
        }
    }
}

using Spectre.Console;

namespace KongUpgradeMesh.Cli.Live;

/// <summary>Keeps a <see cref="LiveView"/> on a terminal while something goes on.</summary>
public static class LiveScreen
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>Redraws four times a second until <paramref name="work"/> has ended, leaves the last picture standing, and returns what the work returned.</summary>
    public static Task<T> RunAsync<T>(IAnsiConsole console, LiveView view, Task<T> work, TimeProvider clock, CancellationToken cancellationToken) =>
        console.Live(view.Render()).AutoClear(false).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async context =>
        {
            while (!work.IsCompleted && !cancellationToken.IsCancellationRequested)
            {
                context.UpdateTarget(view.Render());
                context.Refresh();
                await Task.WhenAny(work, Task.Delay(Period, clock, cancellationToken));
            }

            context.UpdateTarget(view.Render());
            context.Refresh();
            return await work;
        });
}

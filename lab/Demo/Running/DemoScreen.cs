using System.Globalization;
using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Cli.Live;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Environments;
using Spectre.Console;

namespace KongUpgradeMesh.Lab.Demo.Running;

/// <summary>Shows a demo: as a live picture on a terminal, else as lines.</summary>
/// <param name="lines">Takes the lines.</param>
/// <param name="console">The terminal; null when there is none.</param>
/// <param name="clock">The clock.</param>
public sealed class DemoScreen(TextWriter lines, IAnsiConsole? console, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan FooterPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(5);
    private readonly long _started = clock.GetTimestamp();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private LiveView? _live;
    private string _lastSaid = "";

    /// <summary>One sentence: a line, or the footer of the live picture while there is one.</summary>
    public void Say(string sentence)
    {
        lock (_lock)
        {
            _lastSaid = sentence;
            if (_live is null)
            {
                lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetElapsedTime(_started).TotalSeconds,6:0.0}s  {sentence}"));
                lines.Flush();
            }
        }
    }

    /// <summary>Shows an upgrade while <paramref name="follow"/> follows it.</summary>
    public async Task<UpgradeView> ShowAsync(DemoEnvironment environment, Func<IUpgradeObserver, Task<UpgradeView>> follow, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        var view = console is null ? null : new LiveView(clock);
        lock (_lock)
        {
            _live = view;
        }

        var counting = CountAsync(environment, ended.Token);
        try
        {
            return view is null
                ? await follow(new PlainView(TextWriter.Synchronized(lines), clock))
                : await LiveScreen.RunAsync(console!, view, follow(view), clock, cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _live = null;
            }

            await ended.CancelAsync();
            await counting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    private async Task CountAsync(DemoEnvironment environment, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_live is null ? LinePeriod : FooterPeriod, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var counts = environment.Clients.Counts;
            var refused = environment.Writes.Attempts.Count(static a => a.Answer == Freeze.WriteAnswer.Refused);
            var sentence = $"Clients: {counts.Total} requests, {counts.OnY} answered by Y, {counts.Failed} failed. Configuration writes tried and refused: {refused}.";
            if (_live is { } live)
            {
                live.Footer = ["", sentence, _lastSaid];
            }
            else
            {
                Say(sentence);
            }
        }
    }
}

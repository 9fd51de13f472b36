using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Cli.Printing;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Live;

/// <summary>One upgrade as lines of text, one a fact, for logs and pipes.</summary>
public sealed class PlainView(TextWriter output, TimeProvider clock) : IUpgradeObserver
{
    private string? _activity;
    private bool _isLost;

    /// <inheritdoc/>
    public void Show(UpgradeView upgrade)
    {
        if (upgrade is { EndedAt: null, Activity: { } activity } && activity != _activity)
        {
            output.WriteLine($"{Time(clock.GetUtcNow())} {upgrade.Phase,-12} {"activity",-16} {activity} ({upgrade.Agent})");
        }

        _activity = upgrade.Activity;
        if (upgrade.EndedAt is { } ended)
        {
            output.WriteLine($"{Time(ended)} {upgrade.State}: {upgrade.Cluster} {upgrade.From} -> {upgrade.To}, {upgrade.WeightY} % on Y, after {LiveText.Duration(ended - upgrade.StartedAt)}");
            if (upgrade is { Failure: { } failure, Outcome: not UpgradeOutcome.Completed })
            {
                ProblemText.Write(output, failure);
            }
        }

        output.Flush();
    }

    /// <inheritdoc/>
    public void Add(TimelineEntry entry)
    {
        output.WriteLine($"{Time(entry.At)} {entry.Phase,-12} {entry.Kind,-16} {entry.Message} ({entry.Actor})");
        output.Flush();
    }

    /// <inheritdoc/>
    public void Connection(string? lost)
    {
        if (_isLost != lost is not null)
        {
            output.WriteLine($"{Time(clock.GetUtcNow())} {(lost is null ? "the coordinator is back" : lost + " Trying again.")}");
            output.Flush();
        }

        _isLost = lost is not null;
    }

    private static string Time(DateTimeOffset at) => at.ToLocalTime().ToString("HH:mm:ss");
}

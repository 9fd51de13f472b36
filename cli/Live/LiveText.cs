using KongUpgradeMesh.Contracts.Api;
using Spectre.Console;

namespace KongUpgradeMesh.Cli.Live;

/// <summary>The sentences and signs of the live view. No meaning is carried by colour alone.</summary>
internal static class LiveText
{
    private const int BarWidth = 40;

    public static string Header(UpgradeView upgrade)
    {
        var (glyph, colour) = upgrade.Outcome switch
        {
            UpgradeOutcome.Completed => ("✓", "green"),
            null => upgrade.State is "Paused" or "Gate" ? ("‖", "yellow") : upgrade.State == "RollingBack" ? ("↺", "yellow") : ("●", "blue"),
            UpgradeOutcome.RolledBack => ("↺", "yellow"),
            _ => ("✗", "red"),
        };
        return $"[bold]{Markup.Escape(upgrade.Cluster)}[/] @ {Markup.Escape(upgrade.Datacenter)}   {Markup.Escape(upgrade.From)} → {Markup.Escape(upgrade.To)}   "
            + $"[{colour}]{glyph} {Markup.Escape(upgrade.State)}[/]   [grey]{upgrade.UpgradeId.ToString()[..8]} epoch {upgrade.Epoch}[/]";
    }

    public static string Traffic(UpgradeView upgrade)
    {
        var onY = Math.Clamp(upgrade.WeightY, 0, 100);
        var filled = (onY * BarWidth / 100) + (onY is > 0 and < 3 ? 1 : 0);
        return $"[bold]Traffic[/]   X {100 - onY,3} % [blue]{new string('░', BarWidth - filled)}[/][green]{new string('█', filled)}[/] Y {onY,3} %";
    }

    public static string Verdict(TimelineEntry verdict) =>
        $"{Markup.Escape(verdict.Message)} [grey]({verdict.At.ToLocalTime():HH:mm:ss})[/]";

    public static string? Work(UpgradeView upgrade)
    {
        if (upgrade.Step is null || upgrade.EndedAt is not null)
        {
            return null;
        }

        var attempt = upgrade.Attempt > 1 ? $" (attempt {upgrade.Attempt})" : "";
        var agent = upgrade.Agent is null ? "no agent has accepted it yet" : $"by {upgrade.Agent}";
        var activity = upgrade.Activity is null ? "" : $": {upgrade.Activity}";
        return $"[bold]Step[/]      {Markup.Escape(upgrade.Step + attempt)} {Markup.Escape(agent + activity)}";
    }

    public static string? Wait(UpgradeView upgrade, DateTimeOffset now)
    {
        if (upgrade.EndedAt is not null)
        {
            return null;
        }

        var until = upgrade.Deadline is { } deadline ? $"until {deadline.ToLocalTime():yyyy-MM-dd HH:mm:ss} ({Duration(deadline - now)} left)" : "without a deadline";
        return upgrade.State switch
        {
            "Gate" => $"[yellow]Waits[/]     for a person at a gate, {until}: kum approve {upgrade.UpgradeId.ToString()[..8]}",
            "Paused" => $"[yellow]Waits[/]     for a person, {until}: kum explain {upgrade.UpgradeId.ToString()[..8]}",
            _ => upgrade.Deadline is null ? null : $"[bold]Deadline[/]  {until}",
        };
    }

    public static (string Glyph, string Colour) Glyph(PhaseState state) => state switch
    {
        PhaseState.Running => ("▶", "blue"),
        PhaseState.Waiting => ("‖", "yellow"),
        PhaseState.Done => ("✓", "green"),
        PhaseState.Failed => ("✗", "red"),
        _ => ("·", "grey"),
    };

    // The coordinator's clock and this one may differ: never show time running backwards.
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0.05 } => "0 s",
        { TotalSeconds: < 60 } => $"{span.TotalSeconds:0.0} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds:00} s",
        _ => $"{(int)span.TotalHours} h {span.Minutes:00} min",
    };
}

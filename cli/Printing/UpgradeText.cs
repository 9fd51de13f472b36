using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Cli.Printing;

/// <summary>Upgrades, explanations, timelines and agents as text.</summary>
internal static class UpgradeText
{
    public static void List(TextWriter output, IReadOnlyList<UpgradeView> upgrades)
    {
        var table = new TextTable("ID", "CLUSTER", "DATACENTER", "FROM", "TO", "STATE", "PHASE", "ON Y", "STARTED");
        foreach (var upgrade in upgrades)
        {
            table.Add(
                upgrade.UpgradeId.ToString()[..8], upgrade.Cluster, upgrade.Datacenter, upgrade.From, upgrade.To,
                upgrade.State, upgrade.Phase, $"{upgrade.WeightY} %", Time(upgrade.StartedAt));
        }

        table.WriteTo(output);
    }

    public static void Status(TextWriter output, UpgradeView upgrade)
    {
        Line(output, "upgrade", upgrade.UpgradeId.ToString());
        Line(output, "cluster", $"{upgrade.Cluster} @ {upgrade.Datacenter}, {upgrade.From} -> {upgrade.To}");
        Line(output, "state", upgrade.State + (upgrade.Phase == upgrade.State ? "" : $" (phase {upgrade.Phase})") + (upgrade.Tainted ? ", tainted" : ""));
        Line(output, "traffic", $"{100 - upgrade.WeightY} % on X, {upgrade.WeightY} % on Y");
        Line(output, "step", upgrade.Step is null ? null : $"{upgrade.Step}, attempt {upgrade.Attempt}, {upgrade.Agent ?? "not accepted by any agent yet"}");
        Line(output, "activity", upgrade.Activity);
        Line(output, "deadline", upgrade.Deadline is { } deadline ? Time(deadline) : null);
        Line(output, "started", $"{Time(upgrade.StartedAt)} by {upgrade.RequestedBy} (request {upgrade.RequestId})");
        Line(output, "ended", upgrade.EndedAt is { } ended ? Time(ended) : null);
        Findings(output, upgrade);
        if (upgrade.Failure is { } failure)
        {
            ProblemText.Write(output, failure);
        }
    }

    public static void Explain(TextWriter output, Explanation explanation)
    {
        output.WriteLine(explanation.Summary);
        foreach (var awaited in explanation.WaitingFor)
        {
            output.WriteLine($"  waits for: {awaited}");
        }

        Findings(output, explanation.Upgrade);

        if (explanation.Upgrade.Failure is { } failure)
        {
            ProblemText.Write(output, failure);
        }

        if (explanation.Commands.Count > 0)
        {
            output.WriteLine("You can:");
            foreach (var command in explanation.Commands)
            {
                output.WriteLine($"  {command}");
            }
        }
    }

    public static void Timeline(TextWriter output, IReadOnlyList<TimelineEntry> entries)
    {
        var table = new TextTable("#", "AT", "PHASE", "EPOCH", "KIND", "ACTOR", "MESSAGE");
        foreach (var entry in entries)
        {
            table.Add(entry.Sequence.ToString(), Time(entry.At), entry.Phase, entry.Epoch.ToString(), entry.Kind, entry.Actor, entry.Message);
        }

        table.WriteTo(output);
    }

    public static void Agents(TextWriter output, IReadOnlyList<AgentView> agents)
    {
        var table = new TextTable("KIND", "DATACENTER", "AGENT", "ALIVE", "STEPS", "VERSION", "LAST SEEN");
        foreach (var agent in agents.OrderBy(static agent => agent.Datacenter).ThenBy(static agent => agent.Kind).ThenBy(static agent => agent.Agent))
        {
            table.Add(agent.Kind.ToString(), agent.Datacenter, agent.Agent, agent.Alive ? "yes" : "NO", agent.RunningSteps.ToString(), agent.Version, Time(agent.LastSeenAt));
        }

        table.WriteTo(output);
    }

    private static void Findings(TextWriter output, UpgradeView upgrade)
    {
        foreach (var failed in upgrade.FailedFindings)
        {
            Line(output, "failed", $"{FindingRef.Of(failed)}: {failed.Message}");
        }

        foreach (var word in upgrade.Overrides)
        {
            Line(output, "override", $"{word.Finding} by {word.Actor} at {Time(word.At)}: {word.Reason}");
        }

        foreach (var alert in upgrade.Alerts)
        {
            Line(output, "alert", $"{FindingRef.Of(alert)}: {alert.Message}");
        }
    }

    private static void Line(TextWriter output, string name, string? value)
    {
        if (value is not null)
        {
            output.WriteLine($"{name,-10}{value}");
        }
    }

    private static string Time(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss");
}

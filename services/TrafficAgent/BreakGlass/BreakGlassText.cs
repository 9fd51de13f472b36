using System.Text.Json;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>Prints for people, or one JSON document a line for machines.</summary>
internal sealed class BreakGlassText(bool isJson, TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public void Write(IReadOnlyList<SplitReport> reports)
    {
        foreach (var report in reports)
        {
            if (isJson)
            {
                output.WriteLine(JsonSerializer.Serialize(report, Json));
                continue;
            }

            output.WriteLine($"{report.Cluster}, upgrade {report.UpgradeId}, driver {report.Driver}");
            output.WriteLine($"  load balancer: {report.Balancer ?? "cannot be read"}");
            output.WriteLine($"  cluster X {(report.XServes ? "serves" : "DOES NOT ANSWER")}, cluster Y {(report.YServes ? "serves" : "DOES NOT ANSWER")}");
            if (report.ClosedEpoch is { } epoch)
            {
                output.WriteLine($"  shifts of epoch {epoch} and earlier are refused");
            }

            if (report.Unreported > 0)
            {
                output.WriteLine($"  {report.Unreported} incidents wait for a broker");
            }

            if (report.Failure is { } failure)
            {
                Write(failure);
            }
        }
    }

    public void NothingOn(IReadOnlyList<KnownSplit> found)
    {
        foreach (var split in found)
        {
            if (split.Failure is { } failure)
            {
                Write(failure);
            }
            else if (!isJson)
            {
                output.WriteLine($"{split.Cluster}, upgrade {split.Upgrade}: nothing to do, {split.Seen}.");
            }
        }
    }

    public void Write(RestoreOutcome outcome)
    {
        if (isJson)
        {
            output.WriteLine(JsonSerializer.Serialize(outcome, Json));
            return;
        }

        var who = $"{outcome.Cluster}, upgrade {outcome.UpgradeId}";
        if (outcome.Failure is { } failure)
        {
            error.WriteLine($"{who}: NOT restored; it was {outcome.Before ?? "not readable"}.");
            Write(failure);
        }
        else
        {
            output.WriteLine($"{who}: all traffic is on cluster X; the load balancer ({outcome.Driver}) reported it after {outcome.Took!.Value.TotalSeconds:0.00} s. Before: {outcome.Before ?? "not readable"}.");
        }

        if (outcome.IsMarked)
        {
            output.WriteLine($"  Shifts of epoch {outcome.Epoch} and earlier are refused from now on.");
        }
        else if (outcome.Failure is null)
        {
            error.WriteLine("  The agent's state directory could not be written: only the load balancer itself refuses late shifts.");
        }

        if (outcome.WillBeReported)
        {
            output.WriteLine("  The traffic agent reports it as soon as it runs and has a broker; the coordinator then rolls the upgrade back.");
        }
    }

    public void Write(Failure failure)
    {
        if (isJson)
        {
            output.WriteLine(JsonSerializer.Serialize(failure, Json));
            return;
        }

        error.WriteLine($"{failure.Code}: {failure.Message}");
        foreach (var detail in failure.Details)
        {
            error.WriteLine($"  {detail}");
        }

        error.WriteLine($"  remedy: {failure.Remedy}");
    }
}

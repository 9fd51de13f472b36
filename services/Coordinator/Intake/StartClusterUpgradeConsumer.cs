using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Coordinator.Intake;

/// <summary>Takes start commands, from the REST API and from other systems alike: one answer, nothing half begun.</summary>
public sealed class StartClusterUpgradeConsumer(TimeProvider clock, ILogger<StartClusterUpgradeConsumer> logger) : IConsumer<StartClusterUpgrade>
{
    private const int LongestRequestId = 200;

    public async Task Consume(ConsumeContext<StartClusterUpgrade> context)
    {
        var requestId = context.Message.RequestId ?? "";
        var reading = SpecReader.Read(context.Message.Spec);
        var problems = reading.Problems.Select(static p => p with { Path = p.Path.Length == 0 ? "spec" : $"spec.{p.Path}" }).ToList();
        if (requestId.Length is 0 or > LongestRequestId)
        {
            problems.Insert(0, new SpecProblem { Path = "requestId", Message = $"must be text of 1 to {LongestRequestId} characters" });
        }
        else if (await StartRequests.FindAsync(context, requestId) is { } earlier)
        {
            await AcceptAsync(context, earlier.UpgradeId, earlier.Cluster, isRepeat: true);
            return;
        }

        if (reading.Spec is null || problems.Count > 0)
        {
            await RefuseAsync(context, Invalid(problems.Count), problems, null);
            return;
        }

        await BeginAsync(context, reading.Spec);
    }

    private async Task BeginAsync(ConsumeContext<StartClusterUpgrade> context, Contracts.Specs.UpgradeSpec spec)
    {
        var upgradeId = NewId.NextGuid();
        if (await ClusterLocks.TryTakeAsync(context, spec.Cluster, upgradeId) is { } running)
        {
            await RefuseAsync(context, AlreadyRunning(spec.Cluster, running), [], running);
            return;
        }

        await StartRequests.AddAsync(context, context.Message.RequestId!, upgradeId, spec.Cluster, clock.GetUtcNow());
        var saga = await context.GetSendEndpoint(new Uri($"queue:{CoordinatorQueues.Upgrades}"));
        await saga.Send(
            new BeginUpgrade { UpgradeId = upgradeId, RequestId = context.Message.RequestId!, RequestedBy = context.Message.RequestedBy ?? "unknown", Spec = spec },
            context.CancellationToken);
        await AcceptAsync(context, upgradeId, spec.Cluster, isRepeat: false);
    }

    private async Task AcceptAsync(ConsumeContext<StartClusterUpgrade> context, Guid upgradeId, string cluster, bool isRepeat)
    {
        var accepted = new UpgradeAccepted { RequestId = context.Message.RequestId!, At = clock.GetUtcNow(), UpgradeId = upgradeId, Cluster = cluster, IsRepeat = isRepeat };
        logger.StartAccepted(accepted.RequestId, cluster, upgradeId, isRepeat);
        await AnswerAsync(context, accepted);
    }

    // Logged too: who published may listen to no answer, and then an operator finds out here why nothing runs.
    private Task RefuseAsync(ConsumeContext<StartClusterUpgrade> context, Failure failure, List<SpecProblem> problems, Guid? running)
    {
        var requestId = context.Message.RequestId ?? "";
        logger.StartRefused(requestId, failure.Code, problems.Count == 0 ? failure.Message : string.Join("; ", problems.Select(static p => $"{p.Path} {p.Message}")));
        return AnswerAsync(context, new UpgradeRefused
        {
            RequestId = requestId, At = clock.GetUtcNow(), Failure = failure, Problems = problems, RunningUpgradeId = running,
        });
    }

    // Who asked by request gets a response; everybody else listens on the events exchange.
    private static async Task AnswerAsync<T>(ConsumeContext<StartClusterUpgrade> context, T answer)
        where T : class
    {
        await context.Publish(answer, context.CancellationToken);
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(answer);
        }
    }

    private static Failure Invalid(int problems) => new()
    {
        Code = FailureCodes.SpecInvalid,
        Message = problems == 1 ? "The request has one problem; nothing was started." : $"The request has {problems} problems; nothing was started.",
        Remedy = "Correct what is listed and send it again; check first with: kum validate -f SPEC",
    };

    private static Failure AlreadyRunning(string cluster, Guid running) => new()
    {
        Code = FailureCodes.UpgradeAlreadyRunning,
        Message = $"Cluster {cluster} has upgrade {running}, which has not ended; nothing was started.",
        Remedy = $"Follow it: kum watch {running}",
    };
}

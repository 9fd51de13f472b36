using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.Contracts.Upgrades;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>The REST API. It changes nothing itself: every change is a message, so it is done once or not at all.</summary>
internal static class UpgradesApi
{
    public static IServiceCollection AddUpgradesApi(this IServiceCollection services)
    {
        services.AddOpenApi();
        services.ConfigureHttpJsonOptions(static options =>
            options.SerializerOptions.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter(System.Text.Json.JsonNamingPolicy.CamelCase)));
        return services;
    }

    public static void MapUpgradesApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi("/openapi/v1.json");
        var api = endpoints.MapGroup("/api/v1").AddEndpointFilter<UnavailableFilter>();
        api.MapPost("/specs/validate", Validate).Accepts<UpgradeSpec>("application/json").WithSummary("Checks a spec and lists all its problems; starts nothing.");
        api.MapPost("/upgrades", StartAsync).Accepts<StartUpgradeRequest>("application/json").WithSummary("Starts an upgrade; idempotent by requestId.");
        api.MapGet("/upgrades", static (UpgradeReader reader, bool? active, string? cluster, CancellationToken cancellationToken) =>
            reader.ListAsync(active ?? false, cluster, cancellationToken)).WithSummary("Lists upgrades, the newest first.");
        api.MapGet("/upgrades/{id:guid}", ReadAsync).WithSummary("Reads one upgrade.");
        api.MapGet("/upgrades/{id:guid}/timeline", TimelineAsync).WithSummary("Reads the timeline after a sequence number, at most 1000 entries.");
        api.MapGet("/upgrades/{id:guid}/events", UpgradeFeed.FollowAsync).WithSummary("Follows an upgrade by server-sent events.");
        api.MapGet("/upgrades/{id:guid}/explain", ExplainAsync).WithSummary("Says why an upgrade is where it is and what can be done.");
        api.MapGet("/agents", static (UpgradeReader reader, CancellationToken cancellationToken) => reader.AgentsAsync(cancellationToken))
            .WithSummary("Lists the agents that have been heard of.");
        MapOperator(api, "pause", "Stops advancing; traffic stays and stays watched.", static (id, actor, reason) => new PauseUpgrade { UpgradeId = id, Actor = actor, Reason = reason });
        MapOverriding(api, "resume", "Goes on after a pause.", static (id, actor, reason, overrides) =>
            new ResumeUpgrade { UpgradeId = id, Actor = actor, Reason = reason, Overrides = overrides });
        MapOperator(api, "approve", "Opens the gate the upgrade stands at.", static (id, actor, reason) => new ApproveGate { UpgradeId = id, Actor = actor, Reason = reason });
        MapOperator(api, "rollback", "Moves all traffic to cluster X at once.", static (id, actor, reason) => new RollBackUpgrade { UpgradeId = id, Actor = actor, Reason = reason });
        MapOverriding(api, "retry", "Tries the failed step again, or begins an ended upgrade over.", static (id, actor, reason, overrides) =>
            new RetryUpgrade { UpgradeId = id, Actor = actor, Reason = reason, Overrides = overrides });
        MapOperator(api, "abort", "Ends the upgrade and undoes it.", static (id, actor, reason) => new AbortUpgrade { UpgradeId = id, Actor = actor, Reason = reason });
    }

    private static void MapOperator<T>(RouteGroupBuilder api, string verb, string summary, Func<Guid, string, string, T> command)
        where T : class, IOperatorCommand =>
        MapOperator(api, verb, summary, (id, actor, reason, _) => command(id, actor, reason), static text => $"'{text}': only resume and retry can override");

    private static void MapOverriding<T>(RouteGroupBuilder api, string verb, string summary, Func<Guid, string, string, IReadOnlyList<FindingRef>, T> command)
        where T : class, IOverridingCommand =>
        MapOperator(api, verb, summary, command, static text => FindingRef.Parse(text) is null ? $"'{text}' must be indicator or indicator:route, for example error-rate:orders" : null);

    private static void MapOperator<T>(
        RouteGroupBuilder api, string verb, string summary, Func<Guid, string, string, IReadOnlyList<FindingRef>, T> command, Func<string, string?> problemOf)
        where T : class, IOperatorCommand =>
        api.MapPost($"/upgrades/{{id:guid}}/{verb}", async (Guid id, OperatorRequest? body, IRequestClient<T> client, CancellationToken cancellationToken) =>
        {
            var overrides = body?.Overrides ?? [];
            if (overrides.Select(problemOf).OfType<string>().ToList() is { Count: > 0 } problems)
            {
                return Problem(StatusCodes.Status400BadRequest, new Failure
                {
                    Code = FailureCodes.MessageInvalid, Message = $"Overrides: {string.Join("; ", problems)}.", Remedy = $"Nothing was done. See kum explain {id}",
                });
            }

            var answer = await client.GetResponse<OperatorCommandAnswered>(
                command(id, body?.Actor ?? "unknown", body?.Reason ?? "", [.. overrides.Select(FindingRef.Parse).OfType<FindingRef>()]), cancellationToken);
            return answer.Message.Failure switch
            {
                null => Results.Accepted($"/api/v1/upgrades/{id}", answer.Message),
                { Code: FailureCodes.UpgradeNotFound } failure => Problem(StatusCodes.Status404NotFound, failure),
                var failure => Problem(StatusCodes.Status409Conflict, failure),
            };
        }).WithSummary(summary);

    private static async Task<IResult> StartAsync(
        JsonBody body, IRequestClient<StartClusterUpgrade> client, UpgradeReader reader, CancellationToken cancellationToken)
    {
        if (body.Json is null)
        {
            return body.NotJson();
        }

        // Only a request without any id gets one made; a wrong one is answered as a problem.
        var requestId = body.Member("requestId") is null ? NewId.NextGuid().ToString() : body.Text("requestId");
        var start = new StartClusterUpgrade { RequestId = requestId, RequestedBy = body.Text("requestedBy"), Spec = body.Member("spec") };
        var answer = await client.GetResponse<UpgradeAccepted, UpgradeRefused>(start, cancellationToken);
        if (answer.Is<UpgradeAccepted>(out var accepted))
        {
            await reader.AwaitBeginAsync(accepted.Message.UpgradeId, cancellationToken);
            return Results.Accepted($"/api/v1/upgrades/{accepted.Message.UpgradeId}", accepted.Message);
        }

        answer.Is<UpgradeRefused>(out var refused);
        var status = refused!.Message.RunningUpgradeId is null ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict;
        return Results.Json(
            new ApiProblem { Failure = refused.Message.Failure, Problems = refused.Message.Problems, RunningUpgradeId = refused.Message.RunningUpgradeId }, statusCode: status);
    }

    private static IResult Validate(JsonBody spec)
    {
        if (spec.Json is null)
        {
            return spec.NotJson();
        }

        var reading = SpecReader.Read(spec.Json);
        return reading.Problems.Count == 0
            ? Results.Ok(new { })
            : Results.Json(
                new ApiProblem
                {
                    Failure = new Failure
                    {
                        Code = FailureCodes.SpecInvalid, Message = $"The spec has {reading.Problems.Count} problems.", Remedy = "Correct what is listed.",
                    },
                    Problems = reading.Problems,
                },
                statusCode: StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ReadAsync(Guid id, UpgradeReader reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } found ? Results.Ok(found.View) : NotFound(id);

    private static async Task<IResult> TimelineAsync(Guid id, UpgradeReader reader, CancellationToken cancellationToken, long after = 0) =>
        await reader.FindAsync(id, cancellationToken) is null ? NotFound(id) : Results.Ok(await reader.TimelineAsync(id, after, cancellationToken));

    private static async Task<IResult> ExplainAsync(Guid id, UpgradeReader reader, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(id, cancellationToken) is not { } found)
        {
            return NotFound(id);
        }

        var leases = await reader.LeasesAsync(id, cancellationToken);
        return Results.Ok(Explanations.Of(found.View, found.State, leases, await reader.AgentsAsync(cancellationToken)));
    }

    internal static IResult NotFound(Guid id) => Problem(
        StatusCodes.Status404NotFound,
        new Failure { Code = FailureCodes.UpgradeNotFound, Message = $"There is no upgrade {id}.", Remedy = "See the known ones: kum list" });

    internal static IResult Problem(int status, Failure failure) => Results.Json(new ApiProblem { Failure = failure }, statusCode: status);
}

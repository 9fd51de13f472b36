using System.Collections.Concurrent;
using System.Text.Json;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Upgrades;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Cli.Tests;

/// <summary>An HTTP server with the coordinator's routes that answers from memory and keeps what it was asked.</summary>
internal sealed class CannedCoordinator : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CannedCoordinator(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public List<UpgradeView> Upgrades { get; } = [Canned.Upgrade()];

    public List<TimelineEntry> Timeline { get; } = [.. Canned.Timeline];

    public ConcurrentQueue<(string Path, string Body)> Posts { get; } = new();

    /// <summary>What each connection to the event stream does, in the order of connections; none left: it stays silent.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> Streams { get; } = new();

    public ConcurrentQueue<string> LastEventIds { get; } = new();

    /// <summary>The answer to every POST; null answers with success.</summary>
    public (int Status, ApiProblem Problem)? Refusal { get; set; }

    public static async Task<CannedCoordinator> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter()));
        var app = builder.Build();
        var server = new CannedCoordinator(app);
        server.Map();
        await app.StartAsync();
        return server;
    }

    public static async Task SendEventAsync<T>(HttpContext context, string name, T data, long? id = null)
    {
        await context.Response.WriteAsync((id is null ? "" : $"id: {id}\n") + $"event: {name}\ndata: {JsonSerializer.Serialize(data, ApiJson.Wire)}\n\n");
        await context.Response.Body.FlushAsync();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Map()
    {
        _app.MapGet("/api/v1/upgrades", (bool? active, string? cluster) =>
            Upgrades.Where(u => active is not true || u.EndedAt is null).Where(u => cluster is null || u.Cluster == cluster));
        _app.MapGet("/api/v1/upgrades/{id:guid}", (Guid id) => Find(id));
        _app.MapGet("/api/v1/upgrades/{id:guid}/timeline", (Guid id, long? after) => Timeline.Where(e => e.Sequence > (after ?? 0)).Take(3));
        _app.MapGet("/api/v1/upgrades/{id:guid}/explain", (Guid id) => new Explanation
        {
            Upgrade = Upgrades[0],
            Summary = "The upgrade waits for a verdict on 25 % of the traffic.",
            WaitingFor = ["a verdict of the monitor until 09:05:00"],
            Commands = [$"kum rollback {id}"],
        });
        _app.MapGet("/api/v1/upgrades/{id:guid}/events", async (HttpContext context) =>
        {
            LastEventIds.Enqueue(context.Request.Headers["Last-Event-ID"].ToString());
            context.Response.ContentType = "text/event-stream";
            if (Streams.TryDequeue(out var stream))
            {
                await stream(context);
            }
        });
        _app.MapGet("/api/v1/agents", () => new[]
        {
            new AgentView { Kind = AgentKind.Traffic, Datacenter = "eu1", Agent = "traffic-1", Version = "0.1.0", Alive = false, LastSeenAt = Canned.Start, RunningSteps = 1 },
        });
        _app.MapPost("/api/v1/specs/validate", (Delegate)((HttpContext context) => AnswerAsync(context, 200, new { })));
        _app.MapPost("/api/v1/upgrades", (Delegate)((HttpContext context) => AnswerAsync(context, 202, new UpgradeAccepted
        {
            RequestId = "request-1",
            At = Canned.Start,
            UpgradeId = Canned.UpgradeId,
            Cluster = "payments",
            IsRepeat = false,
        })));
        _app.MapPost("/api/v1/upgrades/{id:guid}/{verb}", (HttpContext context, Guid id) =>
            AnswerAsync(context, 202, new OperatorCommandAnswered { UpgradeId = id, Accepted = true, State = "Shift" }));
    }

    private IResult Find(Guid id) => Upgrades.Find(u => u.UpgradeId == id) is { } upgrade
        ? Results.Ok(upgrade)
        : Results.Json(
            new ApiProblem { Failure = new Failure { Code = FailureCodes.UpgradeNotFound, Message = $"There is no upgrade {id}.", Remedy = "kum list shows all." } },
            statusCode: 404);

    private async Task<IResult> AnswerAsync<T>(HttpContext context, int status, T answer)
    {
        using var reader = new StreamReader(context.Request.Body);
        Posts.Enqueue((context.Request.Path, await reader.ReadToEndAsync()));
        return Refusal is { } refusal ? Results.Json(refusal.Problem, statusCode: refusal.Status) : Results.Json(answer, statusCode: status);
    }
}

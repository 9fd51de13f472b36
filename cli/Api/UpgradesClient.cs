using System.Net;
using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using Refit;

namespace KongUpgradeMesh.Cli.Api;

/// <summary>Calls the coordinator; whatever goes wrong comes out as one of two exceptions that can be shown to a person.</summary>
public sealed class UpgradesClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly IUpgradesApi _api;

    /// <summary>Creates a client for the coordinator at <paramref name="server"/>; nothing is contacted.</summary>
    public UpgradesClient(Uri server)
    {
        Server = server;
        _http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };
        _api = RestService.For<IUpgradesApi>(_http, new RefitSettings(new SystemTextJsonContentSerializer(ApiJson.Wire)));
    }

    /// <summary>Address of the coordinator.</summary>
    public Uri Server { get; }

    /// <summary>Makes one call.</summary>
    public async Task<T> CallAsync<T>(Func<IUpgradesApi, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            // An empty answer is nothing that the coordinator would give.
            return await call(_api) ?? throw NotOurs(cause: null);
        }
        catch (ApiException refused)
        {
            throw Translate(refused.StatusCode, refused.Content, refused);
        }
        catch (Exception broken) when (broken is not CoordinatorUnreachableException && !cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(broken);
        }
    }

    /// <summary>Makes one call that answers nothing.</summary>
    public Task CallAsync(Func<IUpgradesApi, Task> call, CancellationToken cancellationToken) => CallAsync(
        async api =>
        {
            await call(api);
            return true;
        },
        cancellationToken);

    /// <summary>The whole timeline after a number; the coordinator gives it in pages.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid upgradeId, long after, CancellationToken cancellationToken)
    {
        var entries = new List<TimelineEntry>();
        while (true)
        {
            var page = await CallAsync(api => api.TimelineAsync(upgradeId, entries.Count == 0 ? after : entries[^1].Sequence, cancellationToken), cancellationToken);
            if (page.Count == 0)
            {
                return entries;
            }

            entries.AddRange(page);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Exception Translate(HttpStatusCode status, string? body, Exception cause)
    {
        if ((int)status is >= 200 and < 300)
        {
            return NotOurs(cause);
        }

        try
        {
            if (body is not null && JsonSerializer.Deserialize<ApiProblem>(body, ApiJson.Wire) is { Failure: not null } problem)
            {
                return new ApiProblemException(problem);
            }
        }
        catch (JsonException)
        {
            // Not the coordinator's own answer: a proxy, or something else that listens there.
        }

        return new ApiProblemException(new ApiProblem
        {
            Failure = new Failure
            {
                Code = FailureCodes.Unexpected,
                Message = $"{Server.GetLeftPart(UriPartial.Authority)} answered {(int)status} without saying why.",
                Remedy = "Check that this is the coordinator's address; its log has the details.",
            },
        });
    }

    private CoordinatorUnreachableException NotOurs(Exception? cause) => new(Server, "what answers there does not speak the coordinator's API", cause);

    private CoordinatorUnreachableException Unreachable(Exception broken)
    {
        for (var cause = broken; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case System.Net.Sockets.SocketException socket:
                    return new(Server, socket.SocketErrorCode == System.Net.Sockets.SocketError.ConnectionRefused ? "nothing listens there" : socket.SocketErrorCode.ToString(), broken);
                case OperationCanceledException:
                    return new(Server, "no answer within 30 seconds", broken);
                default:
                    break;
            }
        }

        return new(Server, broken.GetType().Name, broken);
    }
}

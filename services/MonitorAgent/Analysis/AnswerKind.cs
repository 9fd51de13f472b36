using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.Kong.Versions;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>A kind of answer whose share on Y is compared with its share on X.</summary>
/// <param name="Indicator">Name of the indicator that judges it.</param>
/// <param name="Label">What people call it.</param>
/// <param name="Includes">Which answers it is.</param>
/// <param name="PartOfAlpha">Its part of a watch's chance of a false alarm.</param>
public sealed record AnswerKind(string Indicator, string Label, Func<RouteCode, bool> Includes, double PartOfAlpha)
{
    private static readonly KongVersion SaysOrigin = new(3, 0);
    private static readonly int[] ClientCodes = [401, 403, 404, 413, 494];

    /// <summary>All errors of the server or of the gateway.</summary>
    public static AnswerKind ServerErrors { get; } = new("error-rate", "5xx", static k => IsServerError(k.Code), AlphaBudget.ServerErrors) { IsOfServer = true };

    /// <summary>The errors that the gateway made itself, which a broken service behind both clusters cannot explain.</summary>
    public static AnswerKind GatewayErrors { get; } =
        new("gateway-errors", "5xx made by the gateway", static k => IsServerError(k.Code) && k.Origin == AnswerOrigin.Gateway, AlphaBudget.GatewayErrors) { IsOfServer = true };

    /// <summary>The codes that clients cause on a healthy cluster too, each by itself.</summary>
    public static IReadOnlyList<AnswerKind> ClientErrors { get; } = [.. ClientCodes.Select(static code => OfClients(code))];

    /// <summary>Requests over a limit; a split changes how many there are.</summary>
    public static AnswerKind RateLimited { get; } = OfClients(429);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<AnswerKind> All { get; } = [ServerErrors, GatewayErrors, .. ClientErrors, RateLimited];

    /// <summary>Whether a small rise is a fault already, since no client causes it.</summary>
    public bool IsOfServer { get; private init; }

    /// <summary>Whether a version of Kong tells it from other answers: only from 3.0 on it says who made an answer.</summary>
    public bool IsToldBy(string version) => this != GatewayErrors || (KongVersion.TryParse(version, out var parsed) && parsed >= SaysOrigin);

    /// <summary>Whether a code is an error of the server or of the gateway.</summary>
    public static bool IsServerError(int code) => code is >= 500 and <= 599;

    private static AnswerKind OfClients(int code) => new($"status-{code}", $"{code}", k => k.Code == code, AlphaBudget.ClientErrors / (ClientCodes.Length + 1));
}

using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Lua;

/// <summary>Writes the record into the shared dictionary of nginx's Lua module: no reload, no request lost, and nginx itself refuses what was overtaken.</summary>
internal sealed class NginxLuaDriver(NginxLuaOptions options, HttpClient http, TimeProvider clock) : ITrafficDriver
{
    // A third writer between reading and writing, three times in a row, is somebody who does not stop.
    private const int Tries = 3;
    private const string NeverInForce = "\"kum-try\"";
    private readonly NginxControl _control = new(options.ControlUrl, options.ProbeHeader, options.Timeout, http, clock);

    public DriverCapabilities Capabilities { get; } =
        new() { IsSticky = true, Assignment = TrafficAssignment.PerRequest, SeesShare = options.ProbeHeader is not null, ComparesAndSets = true };

    public IReadOnlyList<string> Limits =>
    [
        "The share is one of sticky keys; the share of requests follows only as far as keys are equally busy.",
        "Connections that are open for long (WebSocket, gRPC streams) stay on their side until they end, or until nginx is reloaded with worker_shutdown_timeout set.",
        "While nginx is down its state file keeps the last split: a restore is not done until nginx is back and was told.",
        .. options.ProbeHeader is null ? new[] { "The share cannot be probed without a header that is part of the key." } : [],
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);

        // A condition that no state meets: everything but the change itself is tried, the token and the state file among it.
        var (status, text, _) = await _control.WriteAsync(NginxMark.Write(Untaken), NeverInForce, options.Token, cancellationToken);
        return status == HttpStatusCode.PreconditionFailed ? [] : [$"{_control.Name} would not take a split: {Words(status, text)}."];
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) => Observe(await _control.AskAsync(null, cancellationToken));

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var answer = await _control.AskAsync(null, cancellationToken);
            var seen = Observe(answer);
            RecordGuard.AdmitShift(seen, record, overForeign);
            if (seen.Is(record))
            {
                return;
            }

            var (status, text, _) = await _control.WriteAsync(NginxMark.Write(record), answer.Tag ?? NeverInForce, options.Token, cancellationToken);
            if (status == HttpStatusCode.PreconditionFailed && tries < Tries)
            {
                continue;
            }

            Require(status, text, record);
            await ConfirmAsync(record, cancellationToken);
            return;
        }
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        if (await TryReadAsync(cancellationToken) is { } seen)
        {
            RecordGuard.AdmitRestore(seen, record);
        }

        // Whatever is in force, and also when it is this: an earlier try may not have reached the state file.
        var (status, text, kept) = await _control.WriteAsync(NginxMark.Write(record), tag: null, options.Token, cancellationToken);
        Require(status, text, record);
        await ConfirmAsync(record, cancellationToken);
        if (!kept)
        {
            throw TrafficFailures.NotDurable("nginx's $kum_state_file", new IOException("the workers could not replace it"));
        }
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken) =>
        options.ProbeHeader is { } header ? await NginxShareProbe.RunAsync(_control, record, header, cancellationToken) : Verification.NotSupported;

    private static TrafficRecord Untaken { get; } = new() { UpgradeId = Guid.Empty, Epoch = 1, Step = 1, Split = new TrafficSplit { WeightY = 1 } };

    private static string Words(HttpStatusCode status, string text) => status switch
    {
        HttpStatusCode.Unauthorized => "401, set traffic.settings.token to what nginx's $kum_token_file holds",
        HttpStatusCode.Forbidden => "403, controlUrl must lead to it over a loopback address",
        HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => $"{(int)status}, controlUrl is not a location with content_by_lua_file kum-split.lua",
        _ => $"{(int)status}, {text.Trim()}",
    };

    // 200 is a change that nginx reports; everything else left the former state in force, and some of it tells which.
    private void Require(HttpStatusCode status, string text, TrafficRecord wanted)
    {
        switch (status)
        {
            case HttpStatusCode.OK:
                return;
            case HttpStatusCode.Conflict:
                throw TrafficFailures.Superseded(Observe(text), wanted);
            case HttpStatusCode.PreconditionFailed:
                throw TrafficFailures.Foreign(Observe(text), mayRetry: true);
            case HttpStatusCode.InsufficientStorage:
                throw NotKept(text);
            case HttpStatusCode.ServiceUnavailable:
                throw TrafficFailures.Unreachable(_control.Name, text);
            default:
                throw TrafficFailures.Refused(_control.Name, Words(status, text));
        }
    }

    private static StepFailedException NotKept(string text) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = "nginx cannot keep the split for its next start, so it took none; the split in force is unchanged.",
        Remedy = "Make the directory of $kum_state_file writable for the user of nginx's workers and look for a full disk; then: kum retry.",
        IsTransient = true,
        Details = [text],
    });

    private async Task ConfirmAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }
    }

    private async Task<ObservedTraffic?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused)
        {
            return null; // Not understood; nginx's own rules guard the write.
        }
    }

    private ObservedTraffic Observe(NginxAnswer answer) => Observe(answer.Mark);

    private ObservedTraffic Observe(string mark)
    {
        if (NginxMark.ParseUnsealed(mark) is { } record)
        {
            return new ObservedTraffic(record.Split, record, Tampered: NginxMark.Parse(mark) is null);
        }

        var words = mark.Trim().Split(' ');
        return words is ["none", var number] && int.TryParse(number, out var weight) && weight is >= 0 and <= 100
            ? new ObservedTraffic(new TrafficSplit { WeightY = weight }, null, Tampered: false)
            : throw TrafficFailures.Refused(_control.Name, "the control location does not tell a state of kum-split.lua");
    }
}

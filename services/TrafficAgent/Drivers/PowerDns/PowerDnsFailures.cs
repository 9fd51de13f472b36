using System.Net;
using KongUpgradeMesh.Contracts;
using Refit;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>What can go wrong with the API of PowerDNS.</summary>
internal static class PowerDnsFailures
{
    public static StepFailedException Unreachable(PowerDnsOptions options, string why, Exception? inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerUnreachable,
            Message = $"The API of PowerDNS at {options.Api} does not answer: {why}.",
            Remedy = $"See that pdns_server runs with api=yes and webserver=yes, and that webserver-allow-from admits the agent's host: curl {options.Api.ToString().TrimEnd('/')}/api/v1/servers (401 is a good answer).",
            IsTransient = true,
        },
        inner);

    public static StepFailedException From(ApiException exception, PowerDnsOptions options) => exception.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused(
            $"PowerDNS at {options.Api} does not take the API key.",
            "Give the agent the value of api-key of pdns.conf (traffic.settings.apiKey); then: kum retry.",
            exception),
        HttpStatusCode.NotFound => Refused(
            $"PowerDNS at {options.Api} has no zone {options.Published.Zone}, or no server {options.ServerId}.",
            $"Correct traffic.settings.zone or serverId, or create the zone: pdnsutil create-zone {options.Published.Zone}; then: kum retry.",
            exception),
        HttpStatusCode.UnprocessableEntity => Refused(
            $"PowerDNS at {options.Api} refuses the records of {options.Published.Name}.",
            "The details have its reason. A CNAME beside them must go; docs/traffic/powerdns.md shows what is written; then: kum retry.",
            exception),
        _ => Refused(
            $"PowerDNS at {options.Api} answered {(int)exception.StatusCode}.",
            "Look into its log: its database may be away or read-only; then: kum retry.",
            exception,
            isTransient: (int)exception.StatusCode >= 500),
    };

    public static StepFailedException Busy(string path, Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = $"The lock {path}, without which PowerDNS is never written to, could not be taken.",
            Remedy = "Make its directory writable for the agent's user, look for a full disk, and see that no other agent hangs with it; then: kum retry.",
            IsTransient = true,
        },
        inner);

    private static StepFailedException Refused(string message, string remedy, ApiException exception, bool isTransient = false)
    {
        var answer = exception.Content ?? "";
        return new StepFailedException(
            new Failure
            {
                Code = FailureCodes.BalancerRefused,
                Message = message,
                Remedy = remedy,
                Details = [answer.Length <= 300 ? answer : answer[..300]],
                IsTransient = isTransient,
            });
    }
}

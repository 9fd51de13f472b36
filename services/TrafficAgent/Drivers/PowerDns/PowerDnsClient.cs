using System.Text.Json;
using KongUpgradeMesh.TrafficAgent.Splits;
using Refit;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>Asks and tells the API of one PowerDNS, with a bound and typed failures.</summary>
internal sealed class PowerDnsClient(PowerDnsOptions options, HttpClient http, TimeProvider clock)
{
    private static readonly RefitSettings Format = new(new SystemTextJsonContentSerializer(
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull }));

    private readonly string _zone = PowerDnsRecords.Canonical(options.Published.Zone);

    /// <summary>Kind of the zone, and what is published under the name and its step record.</summary>
    public async Task<PowerDnsZone> ReadAsync(CancellationToken cancellationToken)
    {
        var names = new[] { PowerDnsRecords.Canonical(options.Published.Name), PowerDnsRecords.Canonical(options.Published.RecordName) };
        var (kind, sets) = ((string?)null, new List<PowerDnsRecordSet>());
        foreach (var name in names)
        {
            var zone = await TryAsync((api, token) => api.GetZoneAsync(options.ApiKey, options.ServerId, _zone, name, token), cancellationToken);
            kind = zone.Kind ?? throw TrafficFailures.Refused($"PowerDNS at {options.Api}", "a zone without its kind");
            sets.AddRange(zone.Rrsets.Where(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase)));
        }

        return new PowerDnsZone { Kind = kind, Rrsets = sets };
    }

    /// <summary>Publishes all the sets, or none.</summary>
    public Task WriteAsync(IReadOnlyList<PowerDnsRecordSet> sets, CancellationToken cancellationToken) => TryAsync(
        async (api, token) =>
        {
            await api.PatchZoneAsync(options.ApiKey, options.ServerId, _zone, new PowerDnsZone { Rrsets = sets }, token);
            return true;
        },
        cancellationToken);

    /// <summary>The settings that the server runs with.</summary>
    public Task<IReadOnlyList<PowerDnsSetting>> SettingsAsync(CancellationToken cancellationToken) =>
        TryAsync((api, token) => api.GetSettingsAsync(options.ApiKey, options.ServerId, token), cancellationToken);

    private async Task<T> TryAsync<T>(Func<IPowerDnsApi, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(options.Published.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            return await call(RestService.For<IPowerDnsApi>(http, Format), linked.Token);
        }
        catch (ApiException exception)
        {
            throw PowerDnsFailures.From(exception, options);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ApiRequestException && bound.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw PowerDnsFailures.Unreachable(options, $"no answer within {options.Published.Timeout}", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ApiRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw PowerDnsFailures.Unreachable(options, ((exception.InnerException ?? exception) as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke", exception);
        }
    }
}

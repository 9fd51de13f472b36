using System.Globalization;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>What the steps of a plan cost with this nginx, as far as it is known.</summary>
/// <param name="Version">Of nginx; null while unknown.</param>
/// <param name="HasGrace">Whether old workers wait for requests that are on their way.</param>
/// <param name="CutsConnections">Whether worker_shutdown_timeout bounds how long old workers stay.</param>
/// <param name="Steps">Steps of the plan; 0 while unknown.</param>
internal sealed record NginxReloadCost(Version? Version, bool HasGrace, bool CutsConnections, int Steps)
{
    /// <summary>Requests that a reload was measured to lose at most, on average over many, at 1,000 POSTs a second on 32 kept connections of clients that never retry.</summary>
    public const int MeasuredMost = 8;

    /// <summary>Before nginx was asked.</summary>
    public static NginxReloadCost Unknown { get; } = new(null, false, false, 0);

    /// <summary>The sentences for the plan.</summary>
    public IEnumerable<string> Sentences()
    {
        var name = Version is null ? "nginx before 1.27.4" : $"nginx {Version}";
        yield return HasGrace
            ? $"{name} lets old workers wait for requests that are on their way (keepalive_min_timeout): a reload costs no request."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Each step is a reload, and {name} without keepalive_min_timeout then closes kept connections under requests that are on their way. Measured: 1 to {MeasuredMost} lost requests a reload at 1,000 a second on 32 kept connections, never more than one for each kept connection; clients see failed POSTs.{Plan} Prefer few large steps, or mode: lua, or nginx 1.27.4.");
        yield return CutsConnections
            ? "Connections that are open for long (WebSocket, gRPC streams) stay on their side until they end or worker_shutdown_timeout cuts them."
            : "Connections that are open for long (WebSocket, gRPC streams) stay with the old workers, on their side, until they end; set worker_shutdown_timeout to bound that.";
    }

    private string Plan => Steps > 0 ? string.Create(CultureInfo.InvariantCulture, $" This plan has {Steps} steps: {Steps} to {Steps * MeasuredMost} at that load, and a rollback one reload more.") : "";
}

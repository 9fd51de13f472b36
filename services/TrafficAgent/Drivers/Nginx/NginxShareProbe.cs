using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Asks nginx for the sides of many made-up keys; Kong is not asked.</summary>
internal static class NginxShareProbe
{
    private const int Probes = 200;

    /// <summary>Fewer requests than this say nothing of a share.</summary>
    private const int LeastRequests = 20;

    /// <summary>Compares the sides of the keys, and of the requests that flow meanwhile where nginx counts them, with the record.</summary>
    /// <returns>The share of requests where enough flowed, otherwise that of the keys.</returns>
    /// <exception cref="Contracts.StepFailedException"><see cref="Contracts.FailureCodes.SplitNotInForce"/>.</exception>
    public static async Task<Verification> RunAsync(NginxControl control, TrafficRecord record, string probeHeader, CancellationToken cancellationToken)
    {
        var (onY, wanted) = (0, NginxMark.Write(record));
        NginxAnswer? first = null, last = null;
        for (var probe = 0; probe < Probes; probe++)
        {
            last = await control.AskAsync($"kum-probe-{probe}-{record.UpgradeId:N}", cancellationToken);
            first ??= last;
            if (last.Mark != wanted)
            {
                throw TrafficFailures.NotInForce(record.Split, $"a worker follows \"{last.Mark}\"");
            }

            onY += last.Side == "y" ? 1 : 0;
        }

        // Far outside of what chance does to that many keys (5 standard deviations); at the ends nothing at all is allowed.
        var expected = record.Split.WeightY / 100.0;
        var bound = 5 * Math.Sqrt(Probes * expected * (1 - expected));
        if (Math.Abs(onY - (Probes * expected)) > bound)
        {
            throw TrafficFailures.NotInForce(record.Split, $"{onY} of {Probes} keys go to Y; see that the key holds the header {probeHeader}");
        }

        if (last!.RequestsX - first!.RequestsX is not { } x || last.RequestsY - first.RequestsY is not { } y || x < 0 || y < 0)
        {
            return new Verification((double)onY / Probes, Probes); // Not counted, or counted anew since a restart of nginx.
        }

        if ((record.Split.WeightY == 0 && y > 0) || (record.Split.WeightX == 0 && x > 0))
        {
            throw TrafficFailures.NotInForce(record.Split, $"{x} requests went to X and {y} to Y meanwhile");
        }

        return x + y >= LeastRequests ? new Verification((double)y / (x + y), x + y) : new Verification((double)onY / Probes, Probes);
    }
}

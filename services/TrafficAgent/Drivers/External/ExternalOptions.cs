namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>What the operator says of a balancer that this product does not know; the settings that <c>webhook</c> and <c>exec</c> share.</summary>
internal sealed record ExternalOptions
{
    /// <summary>What is promised.</summary>
    public required DriverCapabilities Capabilities { get; init; }

    /// <summary>Whether <c>get</c> reports the seal. Default true.</summary>
    public required bool KeepsSeal { get; init; }

    /// <summary>How long <c>get</c> may report the old split after a <c>set</c> that succeeded. 0 to 10 minutes. Default 10 seconds.</summary>
    public required TimeSpan Settle { get; init; }

    /// <summary>How long connections may drain before a step is done all the same. 0 to 1 hour. Default 0: not waited for.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>How long requests are counted to verify a split. 50 milliseconds to 10 minutes. Default 1 second.</summary>
    public required TimeSpan Observe { get; init; }

    /// <summary>Binds the shared settings; what is wrong is noted in <paramref name="settings"/>.</summary>
    public static ExternalOptions Bind(DriverSettings settings) => new()
    {
        Capabilities = new DriverCapabilities
        {
            IsSticky = StickyAsDeclared(settings),
            Assignment = Assigned(settings),
            Granularity = settings.Number("granularity", 1, 1, 100),
            Lag = settings.Duration("lag", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(24)),
            SeesShare = settings.Switch("counts", false),
            ComparesAndSets = settings.Switch("comparesAndSets", false),
        },
        KeepsSeal = settings.Switch("keepsSeal", true),
        Settle = settings.Duration("settle", TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        Drain = settings.Duration("drain", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(1)),
        Observe = settings.Duration("observe", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(10)),
    };

    // Only the operator can know it, and a wrong default would break a promise in silence.
    private static bool StickyAsDeclared(DriverSettings settings) => settings.Required("sticky").Length > 0 && settings.Switch("sticky", false);

    private static TrafficAssignment Assigned(DriverSettings settings)
    {
        var text = settings.Required("assignment");
        switch (text)
        {
            case "request":
                return TrafficAssignment.PerRequest;
            case "connection":
                return TrafficAssignment.PerConnection;
            case "lookup":
                return TrafficAssignment.PerLookup;
            default:
                if (text.Length > 0)
                {
                    settings.Wrong("assignment", $"is \"{text}\"; request, connection or lookup is needed");
                }

                return TrafficAssignment.PerLookup;
        }
    }
}

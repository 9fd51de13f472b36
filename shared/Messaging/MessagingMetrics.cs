using System.Diagnostics.Metrics;

namespace KongUpgradeMesh.Messaging;

/// <summary>What the outbox counts, under the meter <see cref="MeterName"/>.</summary>
public sealed class MessagingMetrics : IDisposable
{
    /// <summary>Name of the meter, for the telemetry's configuration.</summary>
    public const string MeterName = "KongUpgradeMesh.Messaging";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _duplicates;
    private readonly Histogram<double> _lag;

    /// <summary>Creates the instruments.</summary>
    public MessagingMetrics()
    {
        _delivered = _meter.CreateCounter<long>("mesh.messaging.delivered", "{message}", "Outbox rows that the broker confirmed.");
        _failed = _meter.CreateCounter<long>("mesh.messaging.send_failures", "{attempt}", "Sends that failed, outages of the broker included.");
        _parked = _meter.CreateCounter<long>("mesh.messaging.parked", "{message}", "Outbox rows given up after the last attempt.");
        _duplicates = _meter.CreateCounter<long>("mesh.messaging.duplicates", "{message}", "Messages dropped because the inbox knew them.");
        _lag = _meter.CreateHistogram<double>("mesh.messaging.delivery_lag", "s", "Time from when a row was due until the broker confirmed it.");
    }

    internal Meter Meter => _meter;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Delivered(TimeSpan lag)
    {
        _delivered.Add(1);
        _lag.Record(Math.Max(0, lag.TotalSeconds));
    }

    internal void Failed() => _failed.Add(1);

    internal void Parked() => _parked.Add(1);

    internal void Duplicate() => _duplicates.Add(1);
}

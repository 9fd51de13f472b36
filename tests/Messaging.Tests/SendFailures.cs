using System.Diagnostics.Metrics;

namespace KongUpgradeMesh.Messaging.Tests;

/// <summary>Counts failed sends of one host through its metrics.</summary>
internal sealed class SendFailures : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public SendFailures(MessagingMetrics metrics)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == metrics.Meter && instrument.Name == "mesh.messaging.send_failures")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _count, value));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}

using System.Text.Json;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.System.Tests.Demo;

/// <summary>Writes timelines for tests.</summary>
internal sealed class Timelines
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly List<TimelineEntry> _entries = [];

    public IReadOnlyList<TimelineEntry> Entries => _entries;

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    public Timelines Add(double seconds, string kind, string phase, object? data = null)
    {
        _entries.Add(new TimelineEntry
        {
            Sequence = _entries.Count + 1,
            At = At(seconds),
            Kind = kind,
            Phase = phase,
            Epoch = 1,
            Actor = "coordinator",
            Message = $"{kind} in {phase} | told",
            Data = JsonSerializer.SerializeToElement(data ?? new { }, JsonSerializerOptions.Web),
            PreviousHash = "",
            Hash = "",
        });
        return this;
    }

    public Timelines Shift(double seconds, int weightY) => Add(seconds, "traffic-shifted", "Shift", new { split = new { weightY } });
}

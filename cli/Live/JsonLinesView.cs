using System.Text.Json;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Live;

/// <summary>One upgrade as JSON, one object a line: <c>{"event":"timeline","data":…}</c> and <c>{"event":"upgrade","data":…}</c>.</summary>
public sealed class JsonLinesView(TextWriter output) : IUpgradeObserver
{
    /// <inheritdoc/>
    public void Show(UpgradeView upgrade) => Write("upgrade", upgrade);

    /// <inheritdoc/>
    public void Add(TimelineEntry entry) => Write("timeline", entry);

    /// <inheritdoc/>
    public void Connection(string? lost) => Write("connection", new { lost });

    private void Write<T>(string name, T data)
    {
        output.WriteLine(JsonSerializer.Serialize(new { @event = name, data }, ApiJson.Wire));
        output.Flush();
    }
}

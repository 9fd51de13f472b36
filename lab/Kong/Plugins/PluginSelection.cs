namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>All enabled instances of one plugin; answers which one applies to a request. The most specific wins.</summary>
internal sealed class PluginSelection
{
    private readonly Dictionary<(Guid? Route, Guid? Service, Guid? Consumer), PluginInstance> _instances = [];
    private readonly bool _knowsConsumers;

    public PluginSelection(IEnumerable<PluginInstance> instances)
    {
        foreach (var instance in instances)
        {
            _instances[(instance.RouteId, instance.ServiceId, instance.ConsumerId)] = instance;
            _knowsConsumers |= instance.ConsumerId is not null;
        }
    }

    public PluginInstance? Global => _instances.GetValueOrDefault((null, null, null));

    public IEnumerable<PluginInstance> All => _instances.Values;

    public PluginInstance? For(Guid? route, Guid? service, Guid? consumer)
    {
        PluginInstance? found;
        if (_knowsConsumers && consumer is not null
            && (_instances.TryGetValue((route, service, consumer), out found)
                || _instances.TryGetValue((route, null, consumer), out found)
                || _instances.TryGetValue((null, service, consumer), out found)))
        {
            return found;
        }

        if (_instances.TryGetValue((route, service, null), out found))
        {
            return found;
        }

        return _knowsConsumers && consumer is not null && _instances.TryGetValue((null, null, consumer), out found)
            || _instances.TryGetValue((route, null, null), out found)
            || _instances.TryGetValue((null, service, null), out found)
            || _instances.TryGetValue((null, null, null), out found)
            ? found : null;
    }
}

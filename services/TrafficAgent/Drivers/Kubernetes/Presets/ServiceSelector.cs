using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

/// <summary>A Service whose selector names either the pods of X or those of Y by one label.</summary>
internal sealed record ServiceSelector : KubernetesPreset
{
    public override IReadOnlyList<SplitPlace> Places(JsonObject content, KubernetesOptions options)
    {
        var pointer = "/spec/selector/" + JsonPointers.Escape(options.Label);
        if (JsonPointers.Text(content, pointer) is not { } value)
        {
            return [];
        }

        return
        [
            new SplitPlace
            {
                Name = $"the selector's label {options.Label}",
                Identity = [],
                Present = [new(pointer, value)],
                ShareY = value == options.BackendX ? 0 : value == options.BackendY ? 1 : null,
                // Nothing between is ever asked for: the granularity is 100, and the plan refuses other steps.
                Weights = weightY => [new(pointer, weightY == 100 ? options.BackendY : options.BackendX)],
            },
        ];
    }
}

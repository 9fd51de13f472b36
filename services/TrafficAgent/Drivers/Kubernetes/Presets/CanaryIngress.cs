using System.Globalization;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

/// <summary>The canary Ingress of ingress-nginx: an Ingress beside the main one that leads to Y, with Y's share as text in an annotation.</summary>
internal sealed record CanaryIngress : KubernetesPreset
{
    private const string Annotations = "/metadata/annotations/";
    private const string Prefix = "nginx.ingress.kubernetes.io/";
    private static readonly string[] Overrides = ["canary-by-header", "canary-by-header-value", "canary-by-header-pattern", "canary-by-cookie"];

    public override IReadOnlyList<SplitPlace> Places(JsonObject content, KubernetesOptions options)
    {
        var canary = Annotation("canary");
        var services = Services(content).ToList();
        if (JsonPointers.Text(content, canary) != "true" || services.Count == 0 || services.Any(s => s.Value.GetValue<string>() != options.BackendY))
        {
            return [];
        }

        var pointer = Annotation("canary-weight");
        var present = JsonPointers.Find(content, pointer);
        return
        [
            new SplitPlace
            {
                Name = "the canary Ingress",
                Identity = [new(canary, "true"), .. services],
                Present = present is null ? [] : [new(pointer, present)],
                ShareY = Share(present),
                Weights = weightY => [new(pointer, weightY.ToString(CultureInfo.InvariantCulture))],
            },
        ];
    }

    public override IEnumerable<string> Bypasses(JsonObject content)
    {
        foreach (var name in Overrides.Where(o => JsonPointers.Find(content, Annotation(o)) is not null))
        {
            yield return $"The annotation {Prefix}{name} leads requests to Y whatever the weight is, also after a rollback: remove it.";
        }

        if (JsonPointers.Text(content, Annotation("canary-weight-total")) is { } total && total != "100")
        {
            yield return $"The annotation {Prefix}canary-weight-total is {total}; weights are written as percents: remove it.";
        }
    }

    // A missing weight is none. Anything else that is no whole number is accepted by the API server and ignored by ingress-nginx, so it is not known what is served.
    private static double? Share(JsonNode? weight) => weight switch
    {
        null => 0,
        _ when int.TryParse(JsonPointers.Text(weight, ""), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent <= 100 => percent / 100.0,
        _ => null,
    };

    private static IEnumerable<PointedValue> Services(JsonObject content)
    {
        for (var rule = 0; rule < JsonPointers.List(content, "/spec/rules").Count; rule++)
        {
            for (var path = 0; path < JsonPointers.List(content, $"/spec/rules/{rule}/http/paths").Count; path++)
            {
                var pointer = string.Create(CultureInfo.InvariantCulture, $"/spec/rules/{rule}/http/paths/{path}/backend/service/name");
                yield return new PointedValue(pointer, JsonPointers.Text(content, pointer) ?? "");
            }
        }
    }

    private static string Annotation(string name) => Annotations + JsonPointers.Escape(Prefix + name);
}

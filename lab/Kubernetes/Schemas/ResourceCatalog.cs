using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

/// <summary>The kinds of objects that are served.</summary>
internal static class ResourceCatalog
{
    private static readonly JsonObject Schemas = Read();

    private static readonly ResourceKind[] Kinds =
    [
        Custom("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"),
        Custom("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute"),
        Custom("networking.istio.io", "v1", "virtualservices", "VirtualService"),
        Custom("traefik.io", "v1alpha1", "traefikservices", "TraefikService"),
        Custom("projectcontour.io", "v1", "httpproxies", "HTTPProxy"),
        Custom("networking.k8s.io", "v1", "ingresses", "Ingress") with { IsBuiltIn = true },
        Custom("", "v1", "services", "Service") with { IsBuiltIn = true, HasGeneration = false },
    ];

    public static ResourceKind? Find(ApiPath path) => Kinds.FirstOrDefault(k => (k.Group, k.Version, k.Resource) == (path.Group, path.Version, path.Resource));

    public static ResourceKind? OfManifest(JsonObject manifest) =>
        Kinds.FirstOrDefault(k => (k.ApiVersion, k.Kind) == ((string?)manifest["apiVersion"], (string?)manifest["kind"]));

    private static ResourceKind Custom(string group, string version, string resource, string kind) => new()
    {
        Group = group,
        Version = version,
        Resource = resource,
        Kind = kind,
        Schema = new ObjectSchema(Schemas[kind]!.AsObject()),
    };

    private static JsonObject Read()
    {
        using var stream = typeof(ResourceCatalog).Assembly.GetManifestResourceStream("schemas/kinds.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}

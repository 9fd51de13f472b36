namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

/// <summary>The kinds that the driver knows.</summary>
internal static class KubernetesPresets
{
    /// <summary>By the value of the setting <c>preset</c>.</summary>
    public static IReadOnlyDictionary<string, KubernetesPreset> All { get; } = new KubernetesPreset[]
    {
        Route("httproute", "httproutes"),
        Route("grpcroute", "grpcroutes"),
        new WeightedBackends
        {
            Name = "istio",
            Group = "networking.istio.io",
            Version = "v1",
            Resource = "virtualservices",
            Rules = "/spec/http",
            Backends = "/route",
            BackendName = "/destination/host",
            DefaultWeight = 0,
            Limits = ["Istio does not report when its proxies follow a VirtualService; wait for the share that the clusters themselves count."],
        },
        new WeightedBackends
        {
            Name = "traefik",
            Group = "traefik.io",
            Version = "v1alpha1",
            Resource = "traefikservices",
            Backends = "/spec/weighted/services",
            BackendName = "/name",
            DefaultWeight = 1,
            Limits = ["Traefik does not report when it follows a TraefikService; wait for the share that the clusters themselves count."],
        },
        new WeightedBackends
        {
            Name = "contour",
            Group = "projectcontour.io",
            Version = "v1",
            Resource = "httpproxies",
            Rules = "/spec/routes",
            Backends = "/services",
            BackendName = "/name",
            DefaultWeight = 0,
            IsEvenWithoutWeights = true,
            Status = new StatusRule { Conditions = ["Valid"], ConditionsOnX = ["Valid"], PerParent = false },
        },
        new CanaryIngress
        {
            Name = "ingress-nginx",
            Group = "networking.k8s.io",
            Version = "v1",
            Resource = "ingresses",
            Limits = ["ingress-nginx does not report when it follows an annotation, and ignores one that it does not understand; wait for the share that the clusters themselves count."],
        },
        new ServiceSelector
        {
            Name = "service",
            Group = "",
            Version = "v1",
            Resource = "services",
            Granularity = 100,
            Assignment = TrafficAssignment.PerConnection,
            Limits =
            [
                "A Service's selector moves all traffic or none: there is no step at which cluster Y is judged with little traffic.",
                "Open connections stay on the pods that they were made to; nobody reports when every node follows the selector.",
            ],
        },
    }.ToDictionary(static p => p.Name, StringComparer.Ordinal);

    private static WeightedBackends Route(string name, string resource) => new()
    {
        Name = name,
        Group = "gateway.networking.k8s.io",
        Version = "v1",
        Resource = resource,
        Rules = "/spec/rules",
        Backends = "/backendRefs",
        BackendName = "/name",
        DefaultWeight = 1,
        Status = new StatusRule { Conditions = ["Accepted", "ResolvedRefs"], ConditionsOnX = ["Accepted"], PerParent = true },
    };
}

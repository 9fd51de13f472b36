using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Lab.StandInKubernetes.Access;
using KongUpgradeMesh.TestKit;
using YamlDotNet.Serialization;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

/// <summary>The manifests that the driver's documentation offers to copy.</summary>
internal static partial class KubernetesDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "traffic", "kubernetes.md"));

    /// <summary>Group and resource of each preset.</summary>
    public static readonly IReadOnlyDictionary<string, (string Group, string Resource)> Resources = new Dictionary<string, (string, string)>
    {
        ["httproute"] = ("gateway.networking.k8s.io", "httproutes"),
        ["grpcroute"] = ("gateway.networking.k8s.io", "grpcroutes"),
        ["ingress-nginx"] = ("networking.k8s.io", "ingresses"),
        ["istio"] = ("networking.istio.io", "virtualservices"),
        ["traefik"] = ("traefik.io", "traefikservices"),
        ["contour"] = ("projectcontour.io", "httpproxies"),
        ["service"] = ("", "services"),
    };

    /// <summary>The object of a preset's section.</summary>
    public static JsonObject Manifest(string preset) => Block($"### {preset}\n");

    /// <summary>The documented role, for the resource of another preset where it is not <c>httproute</c>.</summary>
    public static AccessRule Grant(string preset)
    {
        var role = Block("## Rights\n");
        var rule = role["rules"]![0]!;
        var (group, resource) = preset == "httproute" ? ((string)rule["apiGroups"]![0]!, (string)rule["resources"]![0]!) : Resources[preset];
        return new AccessRule
        {
            Verbs = [.. rule["verbs"]!.AsArray().Select(static v => (string)v!)],
            Group = group,
            Resource = resource,
            Namespace = (string)role["metadata"]!["namespace"]!,
            Names = [.. rule["resourceNames"]!.AsArray().Select(static v => (string)v!)],
        };
    }

    private static JsonObject Block(string heading)
    {
        var yaml = FirstBlock().Match(Text, Text.IndexOf(heading, StringComparison.Ordinal)).Groups[1].Value.Split("\n---\n")[0];
        var content = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml);
        return Node(content)!.AsObject();
    }

    private static JsonNode? Node(object? value) => value switch
    {
        IDictionary<object, object> members => new JsonObject(members.Select(static m => KeyValuePair.Create((string)m.Key, Node(m.Value)))),
        IList<object> items => new JsonArray([.. items.Select(Node)]),
        bool flag => flag,
        string text => text,
        null => null,
        _ => JsonNode.Parse(value.ToString()!),
    };

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstBlock();
}

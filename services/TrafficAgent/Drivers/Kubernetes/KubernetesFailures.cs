using System.Net;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>The failures of an API server, each with what mends it.</summary>
internal static class KubernetesFailures
{
    private const int LongestDetail = 300;

    /// <summary>The rule that the agent's account lacks, as a line of a Role.</summary>
    public static string MissingRule(KubernetesOptions options, string verb) =>
        $"The agent's account may not {verb} {options.QualifiedResource} \"{options.Name}\": in namespace {options.Namespace} grant "
        + $"apiGroups: [\"{options.Preset.Group}\"], resources: [\"{options.Preset.Resource}\"], verbs: [\"{verb}\"], resourceNames: [\"{options.Name}\"].";

    public static StepFailedException Forbidden(KubernetesOptions options, string verb, JsonObject? status) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = MissingRule(options, verb),
        Remedy = $"kubectl create role kum-traffic -n {options.Namespace} --verb=get,patch --resource={options.QualifiedResource} --resource-name={options.Name}"
            + $" && kubectl create rolebinding kum-traffic -n {options.Namespace} --role=kum-traffic --serviceaccount=NAMESPACE:ACCOUNT (the agent's); then: kum retry.",
        Details = Details(status),
    });

    public static StepFailedException Unauthorized(KubernetesOptions options, JsonObject? status) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = $"The API server {options.Server} does not accept the token in {options.TokenFile}.",
        Remedy = $"Write a token of this cluster that has not expired to {options.TokenFile} (kubectl create token ACCOUNT -n NAMESPACE --duration=24h); it is read again for each request.",
        Details = Details(status),
    });

    public static StepFailedException NoToken(KubernetesOptions options, Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.SecretNotFound,
            Message = $"The token file {options.TokenFile} cannot be read on {Environment.MachineName}.",
            Remedy = "Make it readable for the agent's user, or name another in traffic.settings.tokenFile; then: kum retry.",
        },
        inner);

    public static StepFailedException NotFound(KubernetesOptions options, JsonObject? status) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        // Without a Status the path itself is unknown: the kind is not installed, or not in this version.
        Message = JsonPointers.Text(status, "/details/name") is not null
            ? $"There is no {options.QualifiedResource} \"{options.Name}\" in namespace {options.Namespace}."
            : $"The API server does not serve {options.Preset.Resource} of {options.ApiVersion}.",
        Remedy = $"Compare traffic.settings with: kubectl get {options.QualifiedResource} -n {options.Namespace}; kubectl api-resources --api-group={options.Preset.Group}.",
        Details = Details(status),
    });

    public static StepFailedException Untrusted(KubernetesOptions options, Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = $"The certificate of {options.Server} was not accepted.",
            Remedy = "Name the cluster's certificate authority in traffic.settings.caFile, and the server by a name that its certificate holds.",
        },
        inner);

    public static StepFailedException Refused(KubernetesOptions options, HttpStatusCode code, JsonObject? status) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = $"The API server {options.Server} answered {(int)code} for {options.QualifiedResource} \"{options.Name}\" in namespace {options.Namespace}.",
        Remedy = "The details are the API server's own words (validation, an admission policy); mend what they name, then: kum retry.",
        Details = Details(status),
    });

    public static StepFailedException NotUnderstood(KubernetesOptions options, string why) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = $"{options.QualifiedResource} \"{options.Name}\" in namespace {options.Namespace} does not divide traffic as the settings say: {why}.",
        Remedy = $"Compare traffic.settings (preset, backendX, backendY, rules) with: kubectl get {options.QualifiedResource} {options.Name} -n {options.Namespace} -o yaml.",
    });

    public static StepFailedException Contended(KubernetesOptions options) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = $"{options.QualifiedResource} \"{options.Name}\" in namespace {options.Namespace} changed between each reading and writing.",
        Remedy = $"Find out who keeps writing it: kubectl get {options.QualifiedResource} {options.Name} -n {options.Namespace} -o yaml --show-managed-fields; then: kum retry.",
        IsTransient = true,
    });

    private static List<string> Details(JsonObject? status)
    {
        var details = new List<string?> { JsonPointers.Text(status, "/message") };
        details.AddRange(JsonPointers.List(status, "/details/causes").Select(static c => $"{JsonPointers.Text(c, "/field")}: {JsonPointers.Text(c, "/message")}"));
        return [.. details.OfType<string>().Select(static d => d.Length <= LongestDetail ? d : d[..LongestDetail])];
    }
}

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>Plugins that the word <c>bundled</c> stands for in every open-source version from 2.8 on.</summary>
internal static class BundledPlugins
{
    public static IReadOnlySet<string> Names { get; } = new HashSet<string>
    {
        "acl", "acme", "aws-lambda", "azure-functions", "basic-auth", "bot-detection", "correlation-id", "cors", "datadog", "file-log",
        "grpc-gateway", "grpc-web", "hmac-auth", "http-log", "ip-restriction", "jwt", "key-auth", "ldap-auth", "loggly", "oauth2",
        "post-function", "pre-function", "prometheus", "proxy-cache", "rate-limiting", "request-size-limiting", "request-termination",
        "request-transformer", "response-ratelimiting", "response-transformer", "session", "statsd", "syslog", "tcp-log", "udp-log", "zipkin",
    };
}

namespace KongUpgradeMesh.Kong.Configuration;

/// <summary>Names of the plugins that come with Kong, open source and Enterprise, 2.8 to 3.x. Every other plugin is somebody's own and its source belongs into a backup.</summary>
public static class ShippedPlugins
{
    private static readonly HashSet<string> Names = new(
        """
        ace acl acme ai-aws-guardrails ai-azure-content-safety ai-gcp-model-armor ai-lakera-guard ai-llm-as-judge ai-mcp-oauth2 ai-mcp-proxy ai-prompt-compressor
        ai-prompt-decorator ai-prompt-guard ai-prompt-template ai-proxy ai-proxy-advanced ai-rag-injector ai-rate-limiting-advanced ai-request-transformer
        ai-response-transformer ai-sanitizer ai-semantic-cache ai-semantic-prompt-guard ai-semantic-response-guard app-dynamics application-registration aws-lambda
        azure-functions basic-auth bot-detection canary confluent confluent-consume correlation-id cors datadog datakit degraphql exit-transformer file-log
        forward-proxy graphql-proxy-cache-advanced graphql-rate-limiting-advanced grpc-gateway grpc-web header-cert-auth hmac-auth http-log injection-protection
        ip-restriction jq json-threat-protection jwe-decrypt jwt jwt-signer kafka-consume kafka-log kafka-upstream key-auth key-auth-enc konnect-application-auth
        ldap-auth ldap-auth-advanced loggly metering-and-billing mocking mtls-auth oas-validation oauth2 oauth2-introspection opa openid-connect opentelemetry
        post-function pre-function prometheus proxy-cache proxy-cache-advanced rate-limiting rate-limiting-advanced redirect request-callout request-size-limiting
        request-termination request-transformer request-transformer-advanced request-validator response-ratelimiting response-transformer
        response-transformer-advanced route-by-header route-transformer-advanced saml service-protection session solace-consume solace-log solace-upstream
        standard-webhooks statsd statsd-advanced syslog tcp-log tls-handshake-modifier tls-metadata-headers udp-log upstream-oauth upstream-timeout vault-auth
        websocket-size-limit websocket-validator xml-threat-protection zipkin
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    /// <summary>Whether the plugin comes with Kong.</summary>
    /// <param name="name">Name as in the setting <c>plugins</c>.</param>
    public static bool Contains(string name) => Names.Contains(name);
}

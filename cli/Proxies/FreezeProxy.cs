using System.Globalization;
using System.Text;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Cli.Proxies;

/// <summary>Writes the nginx configuration that stands in front of cluster X's Admin API while it is frozen: writes are answered with 423 and the reason, reads pass.</summary>
/// <remarks>The fence in the database refuses writes by itself, but Kong makes a plain 500 of it. This layer is for the people and tools that write.</remarks>
internal sealed record FreezeProxy
{
    /// <summary>The upgrade the cluster is frozen for.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>Address and port where nginx listens.</summary>
    public required string Listen { get; init; }

    /// <summary>When writing will be possible again, in words; null leaves it open.</summary>
    public string? Eta { get; init; }

    /// <summary>After how long a client may try again.</summary>
    public required TimeSpan RetryAfter { get; init; }

    /// <summary>The whole <c>nginx.conf</c>.</summary>
    public string ToConfiguration()
    {
        var nodes = Spec.From.Nodes;
        var scheme = nodes[0].Admin.Scheme;
        return $$"""
            # Written by kum freeze-proxy: stands in front of the Admin API of cluster {{Spec.Cluster}} while its configuration is frozen.
            # Writes are answered with 423; GET, HEAD, OPTIONS and the validation of schemas pass.
            #
            #   nginx -p "$PWD" -c "$PWD/nginx.conf"             puts it up; then lead the clients of the Admin API (and Kong Manager, whose
            #                                                    pages write through the Admin API) to {{Listen}}
            #   nginx -p "$PWD" -c "$PWD/nginx.conf" -s quit     takes it away when the upgrade has ended; lead the clients back before
            pid kum-freeze-proxy.pid;
            error_log stderr warn;
            worker_processes 1;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path kum-freeze-proxy-body;
              proxy_temp_path kum-freeze-proxy-answers;
              fastcgi_temp_path kum-freeze-proxy-fastcgi;
              uwsgi_temp_path kum-freeze-proxy-uwsgi;
              scgi_temp_path kum-freeze-proxy-scgi;

              # By the normalised path, with or without a workspace before it.
              map "$request_method $uri" $kum_frozen {
                default 1;
                "~^(GET|HEAD|OPTIONS) " 0;
                "~^POST (/[^/]+)?/schemas/[^/]+/validate/?$" 0;
              }

              # Kong Manager calls from another origin; without this header its pages could not show the reason.
              map $http_origin $kum_origin { default $http_origin; }

              upstream kong_admin {
            {{string.Concat(nodes.Select(static n => $"    server {n.Admin.Authority};\n"))}}    keepalive 8;
              }

              server {
                listen {{Listen}};
                client_max_body_size 0;
                if ($kum_frozen) { return 423; }
                error_page 423 @frozen;

                location / {
                  proxy_pass {{scheme}}://kong_admin;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header Host $http_host;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;{{(scheme == "https" ? "\n      proxy_ssl_server_name on;" : "")}}
                }

                location @frozen {
                  default_type application/json;
                  add_header Retry-After {{RetryAfter.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)}} always;
                  add_header Access-Control-Allow-Origin $kum_origin always;
                  add_header Access-Control-Allow-Credentials true always;
                  return 423 '{{Answer()}}';
                }
              }
            }

            """;
    }

    private string Answer()
    {
        var upgrade = $"{Spec.From.Version} to {Spec.To.Version}";
        var eta = Eta is null ? "null" : $"\"{Escape(Eta)}\"";
        return $$"""{"message":"{{Escape($"The configuration of cluster {Spec.Cluster} is frozen while it is upgraded from {upgrade}. Reading is possible; write again when the upgrade has ended.")}}","reason":"configuration-frozen","cluster":"{{Escape(Spec.Cluster)}}","upgrade":"{{Escape(upgrade)}}","eta":{{eta}},"retryAfterSeconds":{{RetryAfter.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)}}}""";
    }

    // Neither JSON nor nginx may find anything to interpret: nginx would read variables and quotes in the text.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            if (char.IsAsciiLetterOrDigit(character) || " .,:;-_+/()".Contains(character, StringComparison.Ordinal))
            {
                escaped.Append(character);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
        }

        return escaped.ToString();
    }
}

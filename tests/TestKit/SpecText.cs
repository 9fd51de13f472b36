namespace KongUpgradeMesh.TestKit;

/// <summary>A small, valid spec of datacenter t1 as JSON; nothing it names needs to exist.</summary>
public static class SpecText
{
    public static string For(string cluster, string more = "", string steps = "[10, 100]") => $$"""
        {
          "cluster": "{{cluster}}", "datacenter": "t1",
          "from": {
            "version": "2.8.5",
            "database": { "host": "127.0.0.1", "name": "kong_x", "user": "kong" },
            "deployment": { "executable": "/opt/kong-2.8.5/bin/kong" },
            "nodes": [ { "name": "x1", "prefix": "/x1", "proxy": "http://127.0.0.1:8000", "admin": "http://127.0.0.1:8001" } ]
          },
          "to": {
            "version": "3.4.2",
            "database": { "host": "127.0.0.1", "name": "kong_y", "user": "kong" },
            "deployment": { "executable": "/opt/kong-3.4.2/bin/kong" },
            "nodes": [ { "name": "y1", "prefix": "/y1", "proxy": "http://127.0.0.1:9000", "admin": "http://127.0.0.1:9001" } ]
          },
          "backup": { "directory": "/var/backups" },
          "traffic": { "driver": "haproxy", "settings": {}, "steps": {{steps}}, "dwell": "1s", "decideWithin": "2m" },
          "soak": "1s", "afterWatch": "1s"{{(more.Length > 0 ? ", " + more : "")}}
        }
        """;
}

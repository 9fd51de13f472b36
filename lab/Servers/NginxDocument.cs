using System.Net;
using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>The configuration in the operators' document, with this machine's paths and addresses instead of the example's.</summary>
internal static class NginxDocument
{
    /// <summary>The block for the layout's mode.</summary>
    /// <param name="layout">Addresses.</param>
    /// <param name="directory">Stands for all directories of the example.</param>
    /// <exception cref="InvalidOperationException">The document does not hold what is replaced here.</exception>
    public static string Configuration(NginxLayout layout, string directory)
    {
        var mode = layout.LuaCode is null ? "reload" : "lua";
        var block = Regex.Match(File.ReadAllText(layout.Document), $@"<!-- configuration: {mode} -->\s+```nginx\n(.*?)```", RegexOptions.Singleline);
        var text = block.Success ? block.Groups[1].Value : throw new InvalidOperationException($"{layout.Document} has no configuration for {mode}");
        text = Replace(text, "server 10.0.1.11:8000; server 10.0.1.12:8000;", Servers(layout.NodesX));
        text = Replace(text, "server 10.0.2.11:8000; server 10.0.2.12:8000;", Servers(layout.NodesY));
        text = Replace(text, "listen 80;", $"listen 127.0.0.1:{layout.FrontendPort};");
        text = Replace(text, "127.0.0.1:8099", $"127.0.0.1:{layout.ControlPort}");
        text = Replace(text, "/etc/nginx/kum/", directory + "/");
        text = Replace(text, "# access_log /var/log/nginx/kum.log kum buffer=64k flush=1s;", layout.AccessLog is { } log ? $"access_log {log} kum;" : "access_log off;");
        return mode == "lua" ? Replace(text, "/var/lib/nginx/kum/", directory + "/") : text;
    }

    private static string Servers(IEnumerable<EndPoint> nodes) => string.Concat(nodes.Select(static n => $"server {n}; ")).TrimEnd();

    private static string Replace(string text, string example, string here) =>
        text.Contains(example, StringComparison.Ordinal)
            ? text.Replace(example, here, StringComparison.Ordinal)
            : throw new InvalidOperationException($"the documented configuration of nginx no longer holds \"{example}\"");
}

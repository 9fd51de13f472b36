using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Contracts.Tests.Specs;

public sealed class SourceSpecTests
{
    private const string Good = """{ "kind": "haproxy", "settings": { "socket": "/run/haproxy.sock", "backendX": "kong-x", "backendY": "kong-y" } }""";
    private const string GoodLog = """{ "kind": "nginx", "settings": { "log": "/var/log/nginx/kum.log" } }""";

    [Theory]
    [InlineData("[]")]
    [InlineData($"[{Good}]")]
    [InlineData($"[{GoodLog}, {Good}]")]
    [InlineData("""[{ "kind": "haproxy", "settings": { "socket": "lb1.example:9999", "backendX": "x", "backendY": "y", "timeout": "100ms" } }]""")]
    [InlineData("""[{ "kind": "haproxy", "settings": { "socket": "[::1]:9999", "backendX": "a.b:c_d", "backendY": "y", "timeout": "00:00:30" } }]""")]
    public void Takes_what_can_be_read(string sources) => Assert.Empty(Problems(sources));

    [Fact]
    public void Takes_a_pair_of_balancers_and_two_frontends_of_one()
    {
        const string Other = """{ "kind": "haproxy", "settings": { "socket": "/run/haproxy-2.sock", "backendX": "kong-x", "backendY": "kong-y" } }""";
        const string OtherBackends = """{ "kind": "haproxy", "settings": { "socket": "/run/haproxy.sock", "backendX": "internal-x", "backendY": "internal-y" } }""";
        const string OtherLog = """{ "kind": "nginx", "settings": { "log": "/var/log/nginx/kum-2.log" } }""";
        Assert.Empty(Problems($"[{Good}, {Other}, {OtherBackends}, {GoodLog}, {OtherLog}]"));
    }

    [Theory]
    [InlineData("""{ "settings": {} }""", "kind: is missing")]
    [InlineData("""{ "kind": "statsd", "settings": { "port": 8125 } }""", "kind: 'statsd' is not valid")]
    [InlineData("""{ "kind": "nginx\n", "settings": { "log": "/l" } }""", "kind: 'nginx\n' is not valid")]
    [InlineData("""{ "kind": "haproxy", "setings": {} }""", "settings.backendX: is missing", "settings.backendY: is missing", "settings.socket: is missing", "setings: is not known here")]
    [InlineData("""{ "kind": "haproxy", "settings": [] }""", "settings.backendX: is missing", "settings.backendY: is missing", "settings.socket: is missing", "settings: must be an object")]
    [InlineData(
        """{ "kind": "haproxy", "settings": { "socket": "/s", "host": "lb1", "port": 9999, "backendX": "x", "backendY": "y", "Timeout": "2s" } }""",
        "settings.Timeout: is not known here; known are backendX, backendY, socket, timeout",
        "settings.host: is not known here",
        "settings.port: is not known here")]
    [InlineData("""{ "kind": "haproxy", "settings": { "socket": " ", "backendX": "", "backendY": "y" } }""", "settings.backendX: is missing", "settings.socket: is missing")]
    [InlineData("""{ "kind": "haproxy", "settings": { "socket": {}, "backendX": "x", "backendY": "y" }, "url": "x" }""", "settings.socket: must be text", "url: is not known here")]
    [InlineData("""{ "kind": "nginx" }""", "settings.log: is missing")]
    [InlineData("""{ "kind": "nginx", "settings": { "log": "" } }""", "settings.log: is missing")]
    [InlineData("""{ "kind": "nginx", "settings": { "log": [] } }""", "settings.log: must be text")]
    [InlineData("""{ "kind": "nginx", "settings": { "log": "/l", "socket": "/s", "format": "kum" } }""", "settings.format: is not known here; known are log", "settings.socket: is not known here; known are log")]
    [InlineData("""{ "kind": "haproxy", "settings": { "socket": "/s", "backendX": "x\n", "backendY": "y" } }""", "settings.backendX: 'x\n' is not valid")]
    [InlineData("""{ "kind": "haproxy", "settings": { "socket": "/s", "backendX": "kong-x ", "backendY": "kong,y" } }""", "settings.backendX: 'kong-x ' is not valid", "settings.backendY: 'kong,y' is not valid")]
    [InlineData("""{ "kind": "haproxy", "settings": { "socket": "/s", "backendX": "kong", "backendY": "kong" } }""", "settings.backendY: is the backend of cluster X too")]
    public void Names_each_wrong_field_with_its_path(string source, params string[] expected)
    {
        var problems = Problems($"[{Good}, {source}]");
        Assert.Equal(expected.Length, problems.Count);
        Assert.All(expected.Order(StringComparer.Ordinal).Zip(problems), static pair => Assert.StartsWith($"monitor.sources[1].{pair.First}", pair.Second, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("haproxy.sock")]
    [InlineData("run/haproxy.sock")]
    [InlineData("lb1")]
    [InlineData("lb1:")]
    [InlineData("lb1:0")]
    [InlineData("lb1:65536")]
    [InlineData(":9999")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("fe80::1:9999")]
    [InlineData("http://lb1:9999")]
    [InlineData("no host:9999")]
    [InlineData("/run/haproxy\u0000.sock")]
    public void Refuses_a_socket_that_is_neither_path_nor_address(string socket) =>
        Assert.Equal(
            [$"monitor.sources[0].settings.socket: '{socket}' is not valid: an absolute path of at most 107 bytes, or host:port"],
            Problems(JsonSerializer.Serialize(new[] { new { kind = "haproxy", settings = new { socket, backendX = "x", backendY = "y" } } })));

    [Theory]
    [InlineData("kum.log")]
    [InlineData("logs/kum.log")]
    [InlineData("C:\\nginx\\kum.log")]
    [InlineData("/var/log/nginx/")]
    [InlineData("/var/log/\u0000.log")]
    public void Refuses_a_log_that_is_no_absolute_path_of_a_file(string log) =>
        Assert.Equal(
            [$"monitor.sources[0].settings.log: '{log}' is not valid: an absolute path of a file on the monitor agent's host"],
            Problems(JsonSerializer.Serialize(new[] { new { kind = "nginx", settings = new { log } } })));

    [Theory]
    [InlineData('a', 106, true)]
    [InlineData('a', 107, false)]
    [InlineData('é', 53, true)]
    [InlineData('é', 54, false)]
    public void Counts_the_bytes_of_a_path_since_the_kernel_does(char letter, int letters, bool fits)
    {
        var socket = "/" + new string(letter, letters);
        Assert.Equal(fits ? 0 : 1, Problems($"[{Good.Replace("/run/haproxy.sock", socket, StringComparison.Ordinal)}]").Count);
    }

    [Theory]
    [InlineData("\"99ms\"")]
    [InlineData("\"31s\"")]
    [InlineData("\"-00:00:02\"")]
    [InlineData("\"soon\"")]
    [InlineData("\"\"")]
    [InlineData("2")]
    [InlineData("true")]
    public void Refuses_a_timeout_that_is_none_or_out_of_range(string timeout)
    {
        var source = Good.Replace("\"backendX\"", $"\"timeout\": {timeout}, \"backendX\"", StringComparison.Ordinal);
        Assert.Equal(["monitor.sources[0].settings.timeout: must be a duration from 100ms to 30s, such as 500ms, 2s or 00:00:02"], Problems($"[{source}]"));
    }

    [Fact]
    public void Counts_no_backend_twice()
    {
        const string Same = """{ "kind": "haproxy", "settings": { "socket": "/run/haproxy.sock", "backendX": "kong-old", "backendY": "kong-y" } }""";
        Assert.Equal(["monitor.sources[1].settings.backendY: is read by monitor.sources[0] already; its requests would count twice"], Problems($"[{Good}, {Same}]"));
        Assert.Equal(["monitor.sources[2].settings.log: is read by monitor.sources[0] already; its requests would count twice"], Problems($"[{GoodLog}, {Good}, {GoodLog}]"));
    }

    [Fact]
    public void Takes_sixteen_and_no_more()
    {
        static string Sources(int count) => $"[{string.Join(", ", Enumerable.Range(1, count).Select(static i => Good.Replace("haproxy.sock", $"haproxy-{i}.sock", StringComparison.Ordinal)))}]";
        Assert.Empty(Problems(Sources(16)));
        Assert.Equal(["monitor.sources: has 17 sources; at most 16"], Problems(Sources(17)));
    }

    [Theory]
    [InlineData("/run/haproxy.sock", AddressFamily.Unix)]
    [InlineData("127.0.0.1:9999", AddressFamily.InterNetwork)]
    [InlineData("[::1]:9999", AddressFamily.InterNetworkV6)]
    [InlineData("lb_1.example:9999", AddressFamily.Unspecified)]
    public void Reads_a_socket_as_what_it_is(string socket, AddressFamily expected)
    {
        var settings = new Dictionary<string, string> { ["socket"] = socket, ["backendX"] = "x", ["backendY"] = "y" };
        var read = HAProxySourceSpec.Read(settings, static (key, why) => Assert.Fail($"{key} {why}"));
        Assert.Equal(expected, read.Socket.AddressFamily);
        Assert.Equal(("x", "y", TimeSpan.FromSeconds(2)), (read.BackendX, read.BackendY, read.Timeout));
        Assert.Equal(9999, read.Socket switch { IPEndPoint address => address.Port, DnsEndPoint name => name.Port, _ => 9999 });
    }

    private static List<string> Problems(string sources) =>
        [.. SpecReader.Read(JsonElement.Parse(SpecText.For("sources", $$""" "monitor": { "sources": {{sources}} } """))).Problems.Select(static p => $"{p.Path}: {p.Message}").Order(StringComparer.Ordinal)];
}

using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private PowerDNS Authoritative Server with SQLite, HTTP API and LUA records, as the product's powerdns driver expects.</summary>
public sealed partial class PowerDnsServer : ZoneServer
{
    /// <summary>The API key, of this throw-away server only.</summary>
    public const string ApiKey = "kum-lab-only";

    private const string Schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
    private readonly int _apiPort;

    private PowerDnsServer(string directory, DnsLayout layout, int apiPort)
        : base(directory, layout)
    {
        _apiPort = apiPort;
    }

    /// <inheritdoc/>
    public override string ConfigurationFile => Path.Combine(Files, "pdns.conf");

    /// <summary>Address of the HTTP API.</summary>
    public Uri Api => new($"http://127.0.0.1:{_apiPort}");

    /// <summary>Writes its files into <paramref name="directory"/>, starts it and creates the zone.</summary>
    /// <param name="directory">An own directory.</param>
    /// <param name="layout">The zone.</param>
    /// <param name="more">Further lines of pdns.conf, which win over the usual ones.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PowerDnsServer> StartAsync(string directory, DnsLayout layout, string more = "", CancellationToken cancellationToken = default)
    {
        var server = new PowerDnsServer(Directory.CreateDirectory(directory).FullName, layout, LoopbackPorts.Take());
        CreateDatabase(Path.Combine(directory, "zones.sqlite3"), await File.ReadAllTextAsync(Schema, cancellationToken));
        await server.WriteAsync("pdns.conf", server.Configuration(more), cancellationToken);
        await server.StartProcessAsync(cancellationToken);
        try
        {
            await server.CreateZoneAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes sets of records as an operator with the API would.</summary>
    public async Task PatchAsync(IEnumerable<object> sets, CancellationToken cancellationToken)
    {
        using var http = Client();
        using var response = await http.PatchAsJsonAsync($"api/v1/servers/localhost/zones/{DnsLayout.Zone}.", new { rrsets = sets }, cancellationToken);
        if (response.StatusCode != HttpStatusCode.NoContent)
        {
            throw new InvalidOperationException($"PowerDNS answered {response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    /// <inheritdoc/>
    protected override (string Program, IReadOnlyList<string> Arguments) Command() =>
        (Find("pdns_server", "pdns-server pdns-backend-sqlite3"), [$"--config-dir={Files}", "--daemon=no", "--guardian=no", "--disable-syslog"]);

    /// <inheritdoc/>
    protected override Task<bool> AnswersAsync(CancellationToken cancellationToken) => ServerProcess.AcceptsAsync(_apiPort, cancellationToken);

    private static void CreateDatabase(string path, string schema)
    {
        Require(Open(path, out var database));
        Require(Execute(database, schema, 0, 0, 0));
        Require(Close(database));

        static void Require(int code)
        {
            if (code != 0)
            {
                throw new InvalidOperationException($"SQLite: error {code}");
            }
        }
    }

    // The program sqlite3 is not installed with PowerDNS; its library is.
    [LibraryImport("libsqlite3.so.0", EntryPoint = "sqlite3_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, out nint database);

    [LibraryImport("libsqlite3.so.0", EntryPoint = "sqlite3_exec", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(nint database, string statements, nint callback, nint argument, nint error);

    [LibraryImport("libsqlite3.so.0", EntryPoint = "sqlite3_close")]
    private static partial int Close(nint database);

    private HttpClient Client() => new() { BaseAddress = Api, DefaultRequestHeaders = { { "X-API-Key", ApiKey } } };

    private async Task CreateZoneAsync(CancellationToken cancellationToken)
    {
        using var http = Client();
        using var response = await http.PostAsJsonAsync(
            "api/v1/servers/localhost/zones",
            new
            {
                name = DnsLayout.Zone + ".",
                kind = "Native",
                nameservers = new[] { $"ns1.{DnsLayout.Zone}." },
                rrsets = new[]
                {
                    new
                    {
                        name = DnsLayout.Name + ".",
                        type = "A",
                        ttl = Layout.Ttl,
                        records = Layout.Addresses.Select(static a => new { content = a.ToString(), disabled = false }),
                    },
                },
            },
            cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private string Configuration(string more) =>
        $"""
        launch=gsqlite3
        gsqlite3-database={Files}/zones.sqlite3
        socket-dir={Files}
        local-address={Layout.Address}
        local-port={Layout.Port}
        receiver-threads=1
        distributor-threads=1
        api=yes
        webserver=yes
        webserver-address=127.0.0.1
        webserver-port={_apiPort}
        api-key={ApiKey}
        enable-lua-records=yes
        edns-subnet-processing=yes
        {more}

        """;
}

using System.Net;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private Knot DNS that lets one key update one name and its step record, as the product's dns driver expects.</summary>
public sealed class KnotServer : ZoneServer
{
    private KnotServer(string directory, DnsLayout layout)
        : base(directory, layout)
    {
    }

    /// <inheritdoc/>
    public override string ConfigurationFile => Path.Combine(Files, "knot.conf");

    /// <summary>The key and its rights, as an operator would give them.</summary>
    private static string Permission =>
        $"""
        key:
          - id: {DnsLayout.Key}
            algorithm: hmac-sha256
            secret: {DnsLayout.Secret}
        acl:
          - id: kum
            key: {DnsLayout.Key}
            action: update
            update-owner: name
            update-owner-match: equal
            update-owner-name: [{DnsLayout.Name}., _kum.{DnsLayout.Name}.]
            update-type: [A, AAAA, TXT]
        """;

    /// <summary>Writes its files into <paramref name="directory"/> and starts it.</summary>
    /// <param name="directory">An own directory.</param>
    /// <param name="layout">The zone.</param>
    /// <param name="isStatic">Leaves out the rights to update the zone.</param>
    /// <param name="rotates">Whether answers begin with another address each time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<KnotServer> StartAsync(string directory, DnsLayout layout, bool isStatic = false, bool rotates = true, CancellationToken cancellationToken = default)
    {
        var server = new KnotServer(Directory.CreateDirectory(directory).FullName, layout);
        if (layout.Primary is null)
        {
            await server.WriteAsync("zone.db", layout.ZoneFile(), cancellationToken);
        }

        await server.WriteAsync("knot.conf", server.Configuration(isStatic, rotates), cancellationToken);
        await server.StartProcessAsync(cancellationToken);
        return server;
    }

    /// <inheritdoc/>
    protected override (string Program, IReadOnlyList<string> Arguments) Command() => (Find("knotd", "knot"), ["-c", ConfigurationFile]);

    private static string Copying(IPEndPoint primary) =>
        $"""
        remote:
          - id: primary
            address: {primary.Address}@{primary.Port}
        acl:
          - id: kum
            address: {primary.Address}
            action: notify
        """;

    private string Configuration(bool isStatic, bool rotates) =>
        $"""
        server:
          listen: {Layout.Address}@{Layout.Port}
          rundir: {Files}
          udp-workers: 1
          tcp-workers: 1
          background-workers: 1
          answer-rotation: {(rotates ? "on" : "off")}
        database:
          storage: {Files}
        log:
          - target: stderr
            any: info
        {(Layout.Primary is null ? Permission : Copying(Layout.Primary))}
        zone:
          - domain: {DnsLayout.Zone}
            storage: {Files}
            file: zone.db
            {(Layout.Primary is not null ? "master: primary" : "")}
            {(isStatic ? "" : "acl: kum")}

        """;
}

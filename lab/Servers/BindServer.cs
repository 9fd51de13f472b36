namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private BIND 9 that lets one key update one name and its step record, as the product's dns driver expects.</summary>
public sealed class BindServer : ZoneServer
{
    private BindServer(string directory, DnsLayout layout)
        : base(directory, layout)
    {
    }

    /// <inheritdoc/>
    public override string ConfigurationFile => Path.Combine(Files, "named.conf");

    /// <summary>The rights of the key, as an operator would give them.</summary>
    private static string Policy =>
        $$"""
          update-policy {
            grant {{DnsLayout.Key}} name {{DnsLayout.Name}} A AAAA;
            grant {{DnsLayout.Key}} name _kum.{{DnsLayout.Name}} TXT;
          };
        """;

    /// <summary>Writes its files into <paramref name="directory"/> and starts it.</summary>
    /// <param name="directory">An own directory.</param>
    /// <param name="layout">The zone.</param>
    /// <param name="isStatic">Leaves out the rights to update the zone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BindServer> StartAsync(string directory, DnsLayout layout, bool isStatic = false, CancellationToken cancellationToken = default)
    {
        var server = new BindServer(Directory.CreateDirectory(directory).FullName, layout);
        await server.WriteAsync("zone.db", layout.ZoneFile(), cancellationToken);
        await server.WriteAsync("named.conf", server.Configuration(isStatic), cancellationToken);
        await server.StartProcessAsync(cancellationToken);
        return server;
    }

    /// <inheritdoc/>
    protected override (string Program, IReadOnlyList<string> Arguments) Command() => (Program(), ["-g", "-4", "-n", "1", "-c", ConfigurationFile]);

    // Debian's AppArmor profile keeps /usr/sbin/named out of all directories but its own; it knows the program by its path.
    private string Program()
    {
        const string enabled = "/sys/module/apparmor/parameters/enabled";
        var (installed, copy) = (Find("named", "bind9"), Path.Combine(Files, "named"));
        if (!File.Exists(enabled) || File.ReadAllText(enabled).Trim() != "Y")
        {
            return installed;
        }

        File.Copy(installed, copy, overwrite: true);
        return copy;
    }

    private string Configuration(bool isStatic) =>
        $$"""
        options {
          directory "{{Files}}";
          pid-file "{{Files}}/named.pid";
          session-keyfile "{{Files}}/session.key";
          lock-file none;
          listen-on port {{Layout.Port}} { {{Layout.Address}}; };
          recursion no;
          dnssec-validation no;
          notify-delay 0;
          rrset-order { order random; };
        };
        controls { };
        key "{{DnsLayout.Key}}" { algorithm hmac-sha256; secret "{{DnsLayout.Secret}}"; };
        zone "{{DnsLayout.Zone}}" {
          type primary;
          file "zone.db";
          notify explicit;
        {{(isStatic ? "" : Policy)}}
          {{(Layout.Secondaries.Count > 0 ? $"also-notify {{ {string.Concat(Layout.Secondaries.Select(static s => $"{s.Address} port {s.Port}; "))}}};" : "")}}
        };

        """;
}

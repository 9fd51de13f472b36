using System.Text;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>
/// A private RabbitMQ node on free loopback ports, with its own epmd, data directory and a virtual host whose queues
/// are quorum queues unless they say otherwise. It shares nothing with a broker that the machine may run.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    /// <summary>The virtual host; its default queue type is quorum.</summary>
    public const string VirtualHost = "kum";

    /// <summary>The only user, with all rights in the virtual host.</summary>
    public const string User = "kum";

    /// <summary>The user's password; the node listens on the loopback address only.</summary>
    public const string Password = "kum";

    private const string InstallRoot = "/usr/lib/rabbitmq/lib";

    // Reading the attributes of every module on its path is most of the broker's start; these are the ones it needs.
    private static readonly string[] NeededPlugins =
    [
        "accept", "amqp10_common", "amqp_client", "aten", "base64url", "cowboy", "cowlib", "credentials_obfuscation", "cuttlefish", "enough",
        "gen_batch_server", "getopt", "jsx", "observer_cli", "osiris", "quantile_estimator", "ra", "rabbit", "rabbit_common", "rabbitmq_prelaunch",
        "ranch", "recon", "seshat", "stdout_formatter", "syslog", "sysmon_handler", "systemd",
    ];

    private readonly string _directory;
    private readonly bool _deleteOnDispose;
    private readonly int _epmdPort;
    private readonly int _distributionPort;
    private ServerProcess? _epmd;
    private ServerProcess? _node;

    private RabbitMqServer(string directory, bool deleteOnDispose, int[] ports)
    {
        _directory = directory;
        _deleteOnDispose = deleteOnDispose;
        (Port, _epmdPort, _distributionPort) = (ports[0], ports[1], ports[2]);
    }

    /// <summary>Whether the server program is there, in the place where Debian's package puts it.</summary>
    public static bool IsInstalled => Directory.Exists(InstallRoot);

    /// <summary>AMQP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Process id of the broker, for fault tests; 0 while it is stopped.</summary>
    public int ProcessId => _node is { HasExited: false } node ? node.Id : 0;

    /// <summary>Address for clients, with the virtual host.</summary>
    public Uri Address => new($"amqp://127.0.0.1:{Port}/{VirtualHost}");

    /// <summary>Creates and starts a node; keeps <paramref name="directory"/> where one is given.</summary>
    /// <param name="directory">Where configuration and data lie; null: a temporary one, removed at the end.</param>
    /// <param name="port">AMQP port; null: a free one.</param>
    /// <param name="cancellationToken">Ends the wait for the node.</param>
    /// <exception cref="TimeoutException">The node does not listen within two minutes.</exception>
    public static async Task<RabbitMqServer> StartAsync(string? directory = null, int? port = null, CancellationToken cancellationToken = default)
    {
        var root = directory ?? Path.Combine(Path.GetTempPath(), "kum-mq-" + Guid.NewGuid().ToString("N")[..8]);
        var ports = LoopbackPorts.Take(3);
        ports[0] = port ?? ports[0];
        var server = new RabbitMqServer(root, directory is null, ports);
        try
        {
            server.Configure();
            await server.StartNodeAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the stopped node again on the same port and data.</summary>
    public async Task StartNodeAsync(CancellationToken cancellationToken)
    {
        if (_epmd is null or { HasExited: true })
        {
            _epmd = ServerProcess.Start("epmd", ["-port", $"{_epmdPort}", "-address", "127.0.0.1"], NodeEnvironment());
            await _epmd.WaitUntilAsync("epmd's port", token => ServerProcess.AcceptsAsync(_epmdPort, token), ServerProcess.StartLimit, cancellationToken);
        }

        _node = ServerProcess.Start(Path.Combine(_directory, "home-of-programs", "sbin", "rabbitmq-server"), [], NodeEnvironment(), _directory);
        await _node.WaitUntilAsync("the AMQP port", token => ServerProcess.AcceptsAsync(Port, token), ServerProcess.StartLimit, cancellationToken);
    }

    /// <summary>
    /// Whether the node has written down which log belongs to this quorum queue of <see cref="VirtualHost"/>. A declared
    /// queue survives <see cref="KillAsync"/> from then on only.
    /// </summary>
    /// <remarks>
    /// RabbitMQ confirms a declaration while the entry in its directory of Raft members is still in memory, for a second or
    /// more. A node killed meanwhile starts the queue with an empty log, as a newcomer that waits for a leader; on a single
    /// node nobody ever comes, so that declarations of and sends to the queue hang until an operator calls an election.
    /// </remarks>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<bool> IsOnDiskAsync(string queue, CancellationToken cancellationToken = default)
    {
        var node = $"kum{Port}@localhost";
        var file = Path.Combine(_directory, "mnesia", node, "quorum", node, "names.dets");
        return (await File.ReadAllBytesAsync(file, cancellationToken)).AsSpan().IndexOf(Encoding.UTF8.GetBytes($"{VirtualHost}_{queue}")) >= 0;
    }

    /// <summary>Stops the broker cleanly and keeps its data.</summary>
    public Task StopAsync() => _node?.StopAsync("TERM", TimeSpan.FromSeconds(20)) ?? Task.CompletedTask;

    /// <summary>
    /// Ends the broker at once and keeps what it has given to the operating system. Queues that are not yet
    /// <see cref="IsOnDiskAsync">on disk</see> may be useless afterwards.
    /// </summary>
    public Task KillAsync() => _node?.StopAsync("KILL", TimeSpan.FromSeconds(5)) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Throw-away data need no clean stop.
        await (_deleteOnDispose ? KillAsync() : StopAsync());
        if (_epmd is not null)
        {
            await _epmd.StopAsync("KILL", TimeSpan.FromSeconds(5));
        }

        if (_deleteOnDispose && Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private void Configure()
    {
        foreach (var folder in new[] { "home", "mnesia", "log" })
        {
            Directory.CreateDirectory(Path.Combine(_directory, folder));
        }

        LayOutPrograms(Path.Combine(_directory, "home-of-programs"));
        var cookie = Path.Combine(_directory, "home", ".erlang.cookie");
        if (!File.Exists(cookie))
        {
            File.WriteAllText(cookie, Guid.NewGuid().ToString("N"));
#pragma warning disable CA1416 // Debian's RabbitMQ: there is no Windows here
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
#pragma warning restore CA1416
        }

        File.WriteAllText(Path.Combine(_directory, "rabbitmq-env.conf"), "");
        File.WriteAllText(Path.Combine(_directory, "enabled_plugins"), "[].");
        File.WriteAllText(Path.Combine(_directory, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            load_definitions = {Path.Combine(_directory, "definitions.json")}
            disk_free_limit.absolute = 200MB
            vm_memory_high_watermark.absolute = 1GB
            raft.wal_max_size_bytes = 33554432
            log.console = false

            """);

        // 3.10 reads the default queue type of a virtual host from its metadata only.
        File.WriteAllText(Path.Combine(_directory, "definitions.json"), $$"""
            {
              "users": [{ "name": "{{User}}", "password": "{{Password}}", "tags": "administrator" }],
              "vhosts": [{ "name": "{{VirtualHost}}", "metadata": { "description": "", "tags": [], "default_queue_type": "quorum" } }],
              "permissions": [{ "user": "{{User}}", "vhost": "{{VirtualHost}}", "configure": ".*", "write": ".*", "read": ".*" }]
            }
            """);
    }

    private static void LayOutPrograms(string home)
    {
        var installed = Directory.Exists(InstallRoot)
            ? Directory.GetDirectories(InstallRoot, "rabbitmq_server-*").OrderDescending().FirstOrDefault()
            : null;
        if (installed is null)
        {
            throw new InvalidOperationException($"RabbitMQ not found under {InstallRoot}; on Debian: apt-get install rabbitmq-server");
        }

        if (Directory.Exists(home))
        {
            return;
        }

        // The scripts find everything else next to themselves, so they are copied and the rest is linked.
        Directory.CreateDirectory(Path.Combine(home, "sbin"));
        foreach (var script in Directory.GetFiles(Path.Combine(installed, "sbin")))
        {
            File.Copy(script, Path.Combine(home, "sbin", Path.GetFileName(script)));
        }

        Directory.CreateSymbolicLink(Path.Combine(home, "escript"), Path.Combine(installed, "escript"));
        Directory.CreateDirectory(Path.Combine(home, "plugins"));
        foreach (var plugin in Directory.GetFileSystemEntries(Path.Combine(installed, "plugins")))
        {
            var name = Path.GetFileName(plugin);
            if (NeededPlugins.Contains(name.Split('-')[0]))
            {
                Directory.CreateSymbolicLink(Path.Combine(home, "plugins", name), plugin);
            }
        }
    }

    private Dictionary<string, string?> NodeEnvironment()
    {
        string In(string name) => Path.Combine(_directory, name);
        return new Dictionary<string, string?>
        {
            ["HOME"] = In("home"),
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"kum{Port}@localhost",
            ["RABBITMQ_CONF_ENV_FILE"] = In("rabbitmq-env.conf"),
            ["RABBITMQ_CONFIG_FILE"] = In("rabbitmq"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = In("advanced.config"),
            ["RABBITMQ_MNESIA_BASE"] = In("mnesia"),
            ["RABBITMQ_LOG_BASE"] = In("log"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = In("enabled_plugins"),
            ["RABBITMQ_PLUGINS_EXPAND_DIR"] = In("plugins-expanded"),
            ["RABBITMQ_PID_FILE"] = In("pid"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = In("generated"),
            ["RABBITMQ_FEATURE_FLAGS_FILE"] = In("feature_flags"),
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",

            // Makes the script replace itself by the broker, so that the process we started is the broker.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
            ["NOTIFY_SOCKET"] = null,
        };
    }
}

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>OpenStack's object store with its S3 interface, all services on free loopback ports: a real store that speaks the protocol.</summary>
public sealed class SwiftServer : IAsyncDisposable
{
    /// <summary>Id of the access key.</summary>
    public const string AccessKey = "test:tester";

    /// <summary>The secret access key, of this throw-away store only.</summary>
    public const string SecretKey = "testing";

    private static readonly string[] Parts = ["object", "container", "account"];

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "kum-swift-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly int[] _ports = LoopbackPorts.Take(4);
    private readonly List<ServerProcess> _processes = [];

    private SwiftServer()
    {
    }

    /// <summary>Root of the S3 interface.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{_ports[3]}");

    /// <summary>Whether its programs are installed (Debian: swift-proxy, swift-object, swift-container, swift-account).</summary>
    public static bool IsInstalled { get; } = Parts.Append("proxy").All(static p =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, $"swift-{p}-server"))));

    /// <summary>Starts an empty store.</summary>
    public static async Task<SwiftServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new SwiftServer();
        try
        {
            await server.ConfigureAsync(cancellationToken);
            await server.StartProcessesAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the services at once.</summary>
    public async Task StopAsync()
    {
        foreach (var process in _processes)
        {
            await process.StopAsync("KILL", TimeSpan.FromSeconds(5));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private async Task ConfigureAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "srv", "d1"));
        await WriteAsync("swift.conf", "[swift-hash]\nswift_hash_path_suffix = s\nswift_hash_path_prefix = p\n[storage-policy:0]\nname = one\ndefault = yes\n", cancellationToken);
        foreach (var (part, port) in Parts.Zip(_ports))
        {
            await WriteAsync($"{part}.conf", $"{Common(port)}devices = {_directory}/srv\nmount_check = false\ndisable_fallocate = true\n[pipeline:main]\npipeline = {part}-server\n[app:{part}-server]\nuse = egg:swift#{part}\n", cancellationToken);
            foreach (var arguments in new string[][] { ["create", "4", "1", "1"], ["add", $"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"] })
            {
                await RunAsync(["swift-ring-builder", $"{part}.builder", .. arguments], cancellationToken);
            }
        }

        // The memcached of no address: tokens are not cached, nothing else needs it.
        await WriteAsync(
            "proxy.conf",
            $"""
            {Common(_ports[3])}
            [pipeline:main]
            pipeline = catch_errors cache listing_formats s3api tempauth slo proxy-server
            [app:proxy-server]
            use = egg:swift#proxy
            account_autocreate = true
            [filter:catch_errors]
            use = egg:swift#catch_errors
            [filter:cache]
            use = egg:swift#memcache
            memcache_servers = 127.0.0.1:1
            [filter:listing_formats]
            use = egg:swift#listing_formats
            [filter:s3api]
            use = egg:swift#s3api
            [filter:slo]
            use = egg:swift#slo
            [filter:tempauth]
            use = egg:swift#tempauth
            user_test_tester = {SecretKey} .admin

            """,
            cancellationToken);
    }

    private string Common(int port) => $"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nuser = {Environment.UserName}\nswift_dir = {_directory}\nlog_address = /nonexistent\n";

    private Task WriteAsync(string name, string text, CancellationToken cancellationToken) => File.WriteAllTextAsync(Path.Combine(_directory, name), text, cancellationToken);

    private async Task RunAsync(string[] words, CancellationToken cancellationToken)
    {
        await using var process = ServerProcess.Start(words[0], words[1..], workingDirectory: _directory);
        await process.WaitUntilAsync("the ring", _ => Task.FromResult(process.HasExited), ServerProcess.StartLimit, cancellationToken);
    }

    private async Task StartProcessesAsync(CancellationToken cancellationToken)
    {
        foreach (var part in Parts.Append("proxy"))
        {
            _processes.Add(ServerProcess.Start($"swift-{part}-server", [Path.Combine(_directory, $"{part}.conf")]));
        }

        foreach (var (process, port) in _processes.Zip(_ports))
        {
            await process.WaitUntilAsync("its port", token => ServerProcess.AcceptsAsync(port, token), ServerProcess.StartLimit, cancellationToken);
        }
    }
}

using System.Diagnostics;
using Npgsql;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private PostgreSQL server with its own data directory on a free loopback port.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _directory;
    private readonly bool _deleteOnDispose;
    private readonly bool _durable;
    private ServerProcess? _process;

    private PostgresServer(string directory, int port, bool deleteOnDispose, bool durable)
    {
        _directory = directory;
        Port = port;
        _deleteOnDispose = deleteOnDispose;
        _durable = durable;
    }

    /// <summary>The superuser, authenticated by trust on the loopback address.</summary>
    public const string User = "kong";

    /// <summary>TCP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Directory of <c>pg_dump</c>, <c>psql</c> and the others.</summary>
    public static string BinDirectory { get; } = FindBinDirectory();

    /// <summary>Process id of the postmaster, for fault tests.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Creates and starts a server; reuses <paramref name="directory"/> where it already holds one.</summary>
    /// <param name="directory">Where its data stays; null for a directory that goes with the server.</param>
    /// <param name="port">Its port; null for a free one.</param>
    /// <param name="durable">Whether what is committed outlives this machine's own end (a killed server it always outlives); null where its data stays.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PostgresServer> StartAsync(string? directory = null, int? port = null, bool? durable = null, CancellationToken cancellationToken = default)
    {
        var root = directory ?? Path.Combine(Path.GetTempPath(), "kum-pg-" + Guid.NewGuid().ToString("N")[..8]);
        var server = new PostgresServer(root, port ?? LoopbackPorts.Take(), deleteOnDispose: directory is null, durable ?? directory is not null);
        await server.InitialiseAsync(cancellationToken);
        await server.StartProcessAsync(cancellationToken);
        return server;
    }

    /// <summary>Connection string for one database of this server.</summary>
    public string ConnectionString(string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port};Username={User};Database={database};Include Error Detail=true";

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, string? template = null, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString());
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE \"{name}\"" + (template is null ? "" : $" TEMPLATE \"{template}\"");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Stops the server at once (fast shutdown) and keeps its data.</summary>
    public Task StopAsync() => _process?.StopAsync("INT", TimeSpan.FromSeconds(10)) ?? Task.CompletedTask;

    /// <summary>Starts it again on the same port and data.</summary>
    public async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        var (file, prefix) = AsPostgresUser();
        _process = ServerProcess.Start(file,
        [
            .. prefix, Path.Combine(BinDirectory, "postgres"), "-D", Path.Combine(_directory, "data"),
            "-c", "listen_addresses=127.0.0.1", "-c", $"port={Port}", "-c", $"unix_socket_directories={_directory}",
            "-c", "max_connections=300", "-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", $"fsync={(_durable ? "on" : "off")}",
        ]);
        await _process.WaitUntilAsync("a connection", CanConnectAsync, ServerProcess.StartLimit, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_deleteOnDispose && Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static string FindBinDirectory() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(Directory.Exists("/usr/lib/postgresql")
                ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin"))
                : [])
            .FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")))
        ?? throw new InvalidOperationException("PostgreSQL server programs (initdb, postgres) not found; on Debian: apt-get install postgresql");

    // PostgreSQL refuses to run as root, so root lends it the postgres user.
    private static (string File, string[] Prefix) AsPostgresUser() => Environment.UserName == "root"
        ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        : ("env", []);

    private async Task InitialiseAsync(CancellationToken cancellationToken)
    {
        var data = Path.Combine(_directory, "data");
        if (File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            return;
        }

        Directory.CreateDirectory(_directory);
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", ["postgres:postgres", _directory], cancellationToken);
        }

        var (file, prefix) = AsPostgresUser();
        await RunAsync(file, [.. prefix, Path.Combine(BinDirectory, "initdb"), "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "--no-instructions"], cancellationToken);
    }

    private static async Task RunAsync(string file, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })
            ?? throw new InvalidOperationException($"{file} could not be started");
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
        }
    }

    private async Task<bool> CanConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false;Timeout=2");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}

using System.Diagnostics;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private nginx that divides clients between clusters X and Y exactly as the operators' document says.</summary>
/// <remarks>Answers carry <c>X-KUM-Side: x|y</c>; a request is never tried on the other side.</remarks>
public sealed class NginxServer : IAsyncDisposable
{
    private readonly string _directory;
    private readonly NginxLayout _layout;
    private ServerProcess? _process;

    private NginxServer(string directory, NginxLayout layout)
    {
        _directory = directory;
        _layout = layout;
        Configuration = Path.Combine(directory, "nginx.conf");
        SplitFile = Path.Combine(directory, "split.conf");
    }

    /// <summary>Name of the upstream of cluster X.</summary>
    public const string UpstreamX = "kong-x";

    /// <summary>Name of the upstream of cluster Y.</summary>
    public const string UpstreamY = "kong-y";

    /// <summary>The main configuration file.</summary>
    public string Configuration { get; }

    /// <summary>The included file that decides the split.</summary>
    public string SplitFile { get; }

    /// <summary>The file in which nginx with Lua keeps the split for its next start.</summary>
    public string StateFile => Path.Combine(_directory, "state");

    /// <summary>Where the split in force is told.</summary>
    public Uri ControlUrl => new($"http://127.0.0.1:{_layout.ControlPort}/kum");

    /// <summary>What belongs into the spec's traffic settings so that the nginx driver drives this server.</summary>
    public IReadOnlyDictionary<string, string> Settings => _layout.LuaCode is not null
        ? new Dictionary<string, string> { ["mode"] = "lua", ["controlUrl"] = ControlUrl.ToString() }
        : new Dictionary<string, string>
        {
            ["file"] = SplitFile,
            ["program"] = FindProgram(),
            ["configuration"] = Configuration,
            ["pidFile"] = PidFile,
            ["controlUrl"] = ControlUrl.ToString(),
            ["upstreamX"] = UpstreamX,
            ["upstreamY"] = UpstreamY,
        };

    private string PidFile => Path.Combine(_directory, "nginx.pid");

    /// <summary>Writes configuration and (where there is none) a split with all on X into <paramref name="directory"/> and starts nginx.</summary>
    public static async Task<NginxServer> StartAsync(string directory, NginxLayout layout, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(directory);
        var server = new NginxServer(directory, layout);
        await server.StartProcessAsync(cancellationToken);
        return server;
    }

    /// <summary>Starts it again on the same ports, configuration and split.</summary>
    public async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        if (_layout.LuaCode is { } code)
        {
            File.Copy(code, Path.Combine(_directory, "kum-split.lua"), overwrite: true);
        }
        else if (!File.Exists(SplitFile))
        {
            await File.WriteAllTextAsync(SplitFile, SplitBy("none", 0), cancellationToken);
        }

        await File.WriteAllTextAsync(Configuration, MainConfiguration(), cancellationToken);
        _process = ServerProcess.Start(FindProgram(), ["-c", Configuration]);
        foreach (var port in new[] { _layout.FrontendPort, _layout.ControlPort })
        {
            await _process.WaitUntilAsync($"port {port}", token => ServerProcess.AcceptsAsync(port, token), ServerProcess.StartLimit, cancellationToken);
        }
    }

    /// <summary>A split file as a person would write it.</summary>
    public static string SplitBy(string generation, int weightY) =>
        $$"""
        split_clients "$kum_key" $kum_upstream {
          {{(weightY > 0 ? $"{weightY}% {UpstreamY};" : "")}}
          * {{UpstreamX}};
        }
        map $kum_upstream $kum_side { {{UpstreamY}} y; default x; }
        map "" $kum_generation { default "{{generation}}"; }
        map "" $kum_open { default {{(weightY > 0 ? 1 : 0)}}; }

        """;

    /// <summary>Makes the master process read its configuration anew, without looking whether it does.</summary>
    public void Reload() => _process?.Signal("HUP");

    /// <summary>Makes it open its log anew, as log rotation does after it has renamed the file.</summary>
    public void ReopenLog() => _process?.Signal("USR1");

    /// <summary>Ends master and workers at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is null || _process.HasExited)
        {
            return;
        }

        // Workers survive their master and would keep the ports, and its output open.
        var workers = (await File.ReadAllTextAsync($"/proc/{_process.Id}/task/{_process.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _process.Signal("KILL");
        foreach (var worker in workers)
        {
            using var kill = Process.Start("kill", ["-KILL", worker]);
            await kill.WaitForExitAsync();
        }

        await _process.StopAsync("KILL", TimeSpan.FromSeconds(5));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync("TERM", TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>Path of the installed nginx.</summary>
    /// <exception cref="InvalidOperationException">None is installed.</exception>
    public static string FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/local/sbin")
            .Select(static d => Path.Combine(d, "nginx"))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("nginx not found; on Debian: apt-get install nginx-light");

    // What an operator's main file has anyway, and this machine's directories; the rest is the document's.
    private string MainConfiguration() =>
        $$"""
        daemon off;
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        worker_processes 2;
        pid {{PidFile}};
        error_log {{_directory}}/error.log notice;
        {{NginxDocument.Configuration(_layout, _directory).Replace("http {", $$"""
        events { worker_connections 1024; }
        http {
          client_body_temp_path {{_directory}}/body;
          proxy_temp_path {{_directory}}/proxy;
          fastcgi_temp_path {{_directory}}/fastcgi;
          uwsgi_temp_path {{_directory}}/uwsgi;
          scgi_temp_path {{_directory}}/scgi;
        """, StringComparison.Ordinal)}}
        """;
}

using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class NginxTestBalancer : ITestBalancer
{
    private static readonly HttpClient Http = new();
    private readonly string _directory;
    private readonly bool _lua;
    private readonly NginxTrafficDriverFactory _factory = new(new ProgramRunner(TimeProvider.System), TimeProvider.System);

    private NginxTestBalancer(string directory, NginxServer server, int port, bool lua)
    {
        _directory = directory;
        _lua = lua;
        Server = server;
        FrontendPort = port;
    }

    public NginxServer Server { get; }

    public string Driver => "nginx";

    public IReadOnlyDictionary<string, string> Settings => _lua
        ? new Dictionary<string, string>(Server.Settings) { ["timeout"] = "20s" }
        : new Dictionary<string, string>(Server.Settings) { ["timeout"] = "20s", ["settle"] = "30s" };

    public int FrontendPort { get; }

    public ITrafficDriverFactory Factory => _factory;

    public string KeptFile => _lua ? Server.StateFile : Server.SplitFile;

    public static async Task<NginxTestBalancer> StartAsync(EchoBackend x, EchoBackend y, bool lua, Func<string, string>? edit = null)
    {
        var directory = Directory.CreateTempSubdirectory("kum-nginx-").FullName;
        var ports = LoopbackPorts.Take(2);
        var layout = new NginxLayout
        {
            Document = Document(directory, edit),
            LuaCode = lua ? Path.Combine(AppContext.BaseDirectory, "Drivers", "Nginx", "Lua", "kum-split.lua") : null,
            FrontendPort = ports[0],
            ControlPort = ports[1],
            NodesX = [x.EndPoint],
            NodesY = [y.EndPoint],
        };
        return new NginxTestBalancer(directory, await NginxServer.StartAsync(directory, layout), ports[0], lua);
    }

    public Task KillAsync() => Server.KillAsync();

    public Task StartAgainAsync() => Server.StartProcessAsync(CancellationToken.None);

    public async Task ChangeByHandAsync(int weightY)
    {
        if (_lua)
        {
            await PutAsync(weightY);
            return;
        }

        var content = await File.ReadAllTextAsync(KeptFile);
        await File.WriteAllTextAsync(KeptFile, content.Replace("10% ", $"{weightY}% ", StringComparison.Ordinal));
        await ReloadAsync(weightY);
    }

    public async Task ReplaceByHandAsync(int weightY)
    {
        if (_lua)
        {
            await KillAsync();
            File.Delete(KeptFile);
            await StartAgainAsync();
            await PutAsync(weightY);
            return;
        }

        await File.WriteAllTextAsync(KeptFile, NginxServer.SplitBy("none", weightY));
        await ReloadAsync(weightY);
    }

    /// <summary>A write at the control location, as an operator's curl does it.</summary>
    public async Task<HttpResponseMessage> WriteAsync(string body, string? ifMatch = null, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Server.ControlUrl) { Content = new StringContent(body) };
        foreach (var (name, value) in new[] { ("If-Match", ifMatch), ("X-KUM-Token", token) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _factory.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Document(string directory, Func<string, string>? edit)
    {
        var document = Path.Combine(Repository.Root, "docs", "traffic", "nginx.md");
        if (edit is null)
        {
            return document;
        }

        var edited = Path.Combine(directory, "nginx.md");
        File.WriteAllText(edited, edit(File.ReadAllText(document)));
        return edited;
    }

    private async Task PutAsync(int weightY)
    {
        using var answer = await WriteAsync($"{weightY}");
        answer.EnsureSuccessStatusCode();
    }

    private async Task ReloadAsync(int weightY)
    {
        Server.Reload();
        await Eventually.HoldsAsync("the split set by hand", async () =>
        {
            try
            {
                var onY = (await KeyCensus.TakeAsync(FrontendPort, 400, CancellationToken.None)).Count(static y => y);
                return Math.Abs(onY - (weightY * 4)) < 60;
            }
            catch (IOException)
            {
                return false; // A reload of nginx may reset a kept connection.
            }
        });
    }
}

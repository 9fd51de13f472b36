using KongUpgradeMesh.Lab.Servers;
using Npgsql;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>Runs the whole mesh until it is told to end: starts in order, keeps the services alive, ends in the opposite order.</summary>
internal sealed class Supervisor(MeshPlan plan, MeshFiles files, TimeProvider clock) : IDisposable
{
    private const string Database = "kum";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private MeshState _state = new() { Supervisor = ProcessIdentity.Current, Datacenters = plan.Datacenters };

    public async Task RunAsync(CancellationToken stop)
    {
        List<MeshService> services = [];
        List<MeshProcess> servers = [];
        PostgresServer? postgres = null;
        RabbitMqServer? rabbitMq = null;
        void Tell(string doing, bool? isReady = null)
        {
            Console.WriteLine($"{clock.GetUtcNow():HH:mm:ss} {doing}");
            _state = _state with
            {
                Doing = doing,
                IsReady = isReady ?? _state.IsReady,
                Processes = [.. servers, .. services.Select(service => service.Describe(files))],
            };
            _state.Write(files);
        }

        try
        {
            Tell("starting PostgreSQL");
            Directory.CreateDirectory(Path.GetDirectoryName(files.Postgres)!);
            await RequireFreeAsync(plan.PostgresPort, "PostgreSQL", stop);
            postgres = await PostgresServer.StartAsync(files.Postgres, plan.PostgresPort, cancellationToken: stop);
            servers.Add(Describe("postgresql", postgres.ProcessId, postgres.Port));
            var connection = await EnsureDatabaseAsync(postgres, stop);

            Tell("starting RabbitMQ");
            await RequireFreeAsync(plan.RabbitMqPort, "RabbitMQ", stop);
            rabbitMq = await RabbitMqServer.StartAsync(files.RabbitMq, plan.RabbitMqPort, stop);
            servers.Add(Describe("rabbitmq", rabbitMq.ProcessId, rabbitMq.Port));
            if (ProcessIdentity.ChildOfThis("epmd") is { } names)
            {
                // The broker's name server outlives it when nobody ends it.
                servers.Add(new MeshProcess("rabbitmq-names", names, 0, Health: null, Log: null));
            }

            foreach (var service in plan.Services(connection, rabbitMq.Port, RabbitMqServer.User, RabbitMqServer.Password, files))
            {
                services.Add(service);
                await service.StartAsync(files, stop);
                Tell($"starting {service.Name}");
            }

            foreach (var service in services)
            {
                await WaitUntilReadyAsync(service, stop);
                Tell($"{service.Name} is ready");
            }

            Tell("everything is ready", isReady: true);
            await KeepAliveAsync(services, Tell, stop);
        }
        finally
        {
            Tell("ending", isReady: false);
            await Task.WhenAll(services.Select(static service => service.DisposeAsync().AsTask()));
            await (rabbitMq?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
            File.Delete(files.State);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static MeshProcess Describe(string name, int id, int port) =>
        new(name, ProcessIdentity.Of(id) ?? new ProcessIdentity(id, 0), port, Health: null, Log: null);

    private static async Task RequireFreeAsync(int port, string name, CancellationToken cancellationToken)
    {
        if (await ServerProcess.AcceptsAsync(port, cancellationToken))
        {
            throw new MeshException($"Port {port} for {name} is taken by another process: end it, or choose other ports with --port.");
        }
    }

    private static async Task<string> EnsureDatabaseAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        try
        {
            return await postgres.CreateDatabaseAsync(Database, cancellationToken: cancellationToken);
        }
        catch (PostgresException there) when (there.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            return postgres.ConnectionString(Database);
        }
    }

    private async Task WaitUntilReadyAsync(MeshService service, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (!await IsReadyAsync(service.Health, cancellationToken))
        {
            if (service.HasEnded)
            {
                throw new MeshException($"{service.Name} ended while it started; its log is {files.Log(service.Name)}. Its last words:\n{Tail(service.Output)}");
            }

            if (clock.GetElapsedTime(start) > ReadyLimit)
            {
                throw new MeshException($"{service.Name} is not ready after {ReadyLimit.TotalSeconds:0} seconds ({service.Health}); its log is {files.Log(service.Name)}. Its last words:\n{Tail(service.Output)}");
            }

            await Task.Delay(Period, clock, cancellationToken);
        }
    }

    private async Task<bool> IsReadyAsync(Uri health, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(health, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException || (notYet is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task KeepAliveAsync(List<MeshService> services, Action<string, bool?> tell, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(Period, clock, stop);
            foreach (var service in services.Where(static service => service.HasEnded))
            {
                if (await service.ReviveAsync(files, clock, stop))
                {
                    tell($"{service.Name} had ended and is started again", null);
                }
            }
        }
    }

    private static string Tail(string output) => string.Join('\n', output.Split('\n').TakeLast(15));
}

using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Migrations;
using KongUpgradeMesh.Lab.StandInKong.Node;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary>The <c>kong</c> command: chooses what to do and turns failures into the real one's words and exit codes.</summary>
internal static class KongCommand
{
    private const string Usage = """
        Usage: kong COMMAND [OPTIONS]

        The available commands are:
         check
         config
         health
         migrations
         quit
         reload
         restart
         start
         stop
         version
        """;

    public static async Task<int> RunAsync(string[] arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var line = new CommandLine(arguments);
            var version = line.Option("--flavour") ?? Environment.GetEnvironmentVariable("KUM_LAB_KONG_FLAVOUR") ?? Flavour.V342.Version;
            var flavour = Flavour.Find(version) ?? throw new CommandFailedException($"there is no flavour '{version}': 2.8.5 and 3.4.2 are served");
            return line.Command switch
            {
                "version" => Print(flavour.Version),
                "check" => Check(line),
                "migrations" => await new MigrationsCommand(flavour, Configuration(line), time).RunAsync(line.Operand(1), cancellationToken),
                "start" => await new StartCommand(flavour, Configuration(line), time).RunAsync(cancellationToken),
                "restart" => await RestartAsync(flavour, line, time, cancellationToken),
                "stop" => await NodeSignals.StopAsync(Prefix(line), flavour, time, cancellationToken),
                "quit" => await NodeSignals.QuitAsync(Prefix(line), TimeoutOf(line), time, cancellationToken),
                "reload" => NodeSignals.Reload(Prefix(line), line.Option("--conf")),
                "health" => NodeSignals.Health(Prefix(line)),
                "config" => await new ConfigCommand(flavour, Configuration(line)).RunAsync(line.Operand(1), line.Operand(2), cancellationToken),
                "serve" => await KongNode.RunAsync(flavour, KongConfiguration.LoadRunning(Prefix(line)), time, cancellationToken),
                "" or "help" => Print(Usage, 1),
                _ => Fail($"unknown command '{line.Command}'\n\n{Usage}"),
            };
        }
        catch (CommandFailedException failed)
        {
            return Fail(failed.Message);
        }
        catch (FormatException invalid)
        {
            return Fail(invalid.Message);
        }
        catch (MigrationFailedException failed)
        {
            return Fail($"[PostgreSQL error] cluster_mutex callback threw an error: {failed.Message}");
        }
        catch (PostgresException refused)
        {
            return Fail($"[PostgreSQL error] failed to retrieve PostgreSQL server_version_num: FATAL: {refused.MessageText}");
        }
        catch (NpgsqlException unreachable)
        {
            return Fail($"[PostgreSQL error] failed to retrieve PostgreSQL server_version_num: {unreachable.InnerException?.Message ?? unreachable.Message}");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return Fail(broken.Message);
        }
        catch (TimeoutException late)
        {
            return Fail($"[PostgreSQL error] {late.Message}");
        }
    }

    public static KongConfiguration Configuration(CommandLine line)
    {
        var file = line.Option("--conf");
        if (file is not null && !File.Exists(file))
        {
            throw new CommandFailedException($"could not find configuration file at: {file}");
        }

        return KongConfiguration.Load(file, line.Option("--prefix"));
    }

    private static NodePrefix Prefix(CommandLine line) => Configuration(line).Prefix;

    private static TimeSpan TimeoutOf(CommandLine line) =>
        line.Option("--timeout") is { } text
            ? double.TryParse(text, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : throw new CommandFailedException("timeout must be greater than 0")
            : TimeSpan.FromSeconds(10);

    private static int Check(CommandLine line)
    {
        var file = line.Operand(1) ?? throw new CommandFailedException("missing argument: conf");
        if (!File.Exists(file))
        {
            throw new CommandFailedException($"could not find configuration file at: {file}");
        }

        KongConfiguration.Load(file, null);
        return Print($"configuration at {Path.GetFullPath(file)} is valid");
    }

    private static async Task<int> RestartAsync(Flavour flavour, CommandLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        var configuration = Configuration(line);
        if (configuration.Prefix.RunningProcess() is not null)
        {
            await NodeSignals.QuitAsync(configuration.Prefix, TimeoutOf(line), time, cancellationToken);
        }

        return await new StartCommand(flavour, configuration, time).RunAsync(cancellationToken);
    }

    private static int Print(string text, int code = 0)
    {
        Console.WriteLine(text);
        return code;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"Error: {message}\n\n  Run with --v (verbose) or --vv (debug) for more details");
        return 1;
    }
}

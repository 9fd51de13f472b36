using System.CommandLine;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary>Options that say which server a backup is restored to.</summary>
internal sealed class ServerOptions
{
    private readonly Option<string?> _host = new("--to-host") { Description = "Host name or address of the server, or the directory of its unix socket" };
    private readonly Option<int> _port = new("--to-port") { Description = "Port of the server", DefaultValueFactory = static _ => 5432 };
    private readonly Option<string?> _user = new("--user") { Description = "Role with CREATEDB; it will own what is restored" };
    private readonly Option<string?> _password = new("--password-ref") { Description = "Reference (env:NAME or file:/path) to its password" };
    private readonly Option<string> _maintenance = new("--maintenance-database") { Description = "Database to connect to for CREATE DATABASE", DefaultValueFactory = static _ => "postgres" };

    public ServerOptions() => CatalogOptions.RequireReference(_password);

    public Option<int> Jobs { get; } = new("--jobs") { Description = "Parallel jobs of pg_restore", DefaultValueFactory = static _ => 2 };

    public Option<int> Minutes { get; } = new("--minutes") { Description = "How long pg_restore may run", DefaultValueFactory = static _ => 240 };

    public void AddTo(Command command, bool isRequired)
    {
        _host.Required = isRequired;
        _user.Required = isRequired;
        foreach (var option in new Option[] { _host, _port, _user, _password, _maintenance, Jobs, Minutes })
        {
            command.Add(option);
        }

        Jobs.Validators.Add(static result => Bound(result, 1, 32));
        Minutes.Validators.Add(static result => Bound(result, 1, 10_080));
    }

    /// <summary>The database of that name on the named server; on cluster Y's of the spec when no server is named; null when there is neither.</summary>
    public KongDatabase? Database(ParseResult parsed, UpgradeSpec? spec, string name, string schema)
    {
        var server = parsed.GetValue(_host) is { } host && parsed.GetValue(_user) is { } user
            ? new DatabaseSpec
            {
                Host = host,
                Port = parsed.GetValue(_port),
                Name = name,
                User = user,
                Password = parsed.GetValue(_password),
                MaintenanceDatabase = parsed.GetValue(_maintenance)!,
            }
            : spec?.To.Database;
        return server is null ? null : new KongDatabase(server with { Name = name, Schema = schema }, SecretReference.Resolve);
    }

    private static void Bound(System.CommandLine.Parsing.OptionResult result, int minimum, int maximum)
    {
        if (result.GetValueOrDefault<int>() is var value && (value < minimum || value > maximum))
        {
            result.AddError($"{result.Option.Name} must be from {minimum} to {maximum}.");
        }
    }
}

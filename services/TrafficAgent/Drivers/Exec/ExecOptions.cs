using KongUpgradeMesh.TrafficAgent.Drivers.External;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Exec;

/// <summary>Settings of the exec driver.</summary>
internal sealed record ExecOptions
{
    private const string Variable = "environment.";

    // What a program needs to run at all. The agent's other variables may be secrets, such as the broker's password.
    private static readonly string[] Inherited =
        ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

    /// <summary>Absolute path of the program on the agent's host.</summary>
    public required string Program { get; init; }

    /// <summary>Arguments before <c>get</c> or <c>set</c>; never a secret. Default none.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The program's variables: null takes one of the agent's own away.</summary>
    public required IReadOnlyDictionary<string, string?> Environment { get; init; }

    /// <summary>Values that must not be seen in a message.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>After this a call is killed with everything it started. 100 milliseconds to 2 minutes. Default 10 seconds.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What is promised.</summary>
    public required ExternalOptions External { get; init; }

    /// <summary>Binds and validates the settings.</summary>
    public static ExecOptions Bind(DriverSettings settings)
    {
        var program = settings.Required("program");
        if (program.Length > 0 && !Path.IsPathRooted(program))
        {
            settings.Wrong("program", "must be an absolute path of the agent's host");
        }

        if (settings.IsSecret("arguments"))
        {
            settings.Wrong("arguments", "must not refer to a secret: every user of the host can read them; use environment.NAME");
        }

        var names = settings.NamesBehind(Variable);
        var environment = names.ToDictionary(static n => n, string? (n) => settings.Optional(Variable + n, ""), StringComparer.Ordinal);
        foreach (var name in names.Where(static n => n.Any(static c => c != '_' && !char.IsAsciiLetterOrDigit(c))))
        {
            settings.Wrong(Variable + name, "is no name of a variable");
        }

        var options = new ExecOptions
        {
            Program = program,
            Arguments = settings.Optional("arguments", "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Environment = System.Environment.GetEnvironmentVariables().Keys.Cast<string>().Except(Inherited).ToDictionary(static n => n, static _ => (string?)null)
                .Concat(environment).GroupBy(static e => e.Key).ToDictionary(static g => g.Key, static g => g.Last().Value),
            Secrets = [.. names.Where(n => settings.IsSecret(Variable + n)).Select(n => environment[n]!)],
            Timeout = settings.Duration("timeout", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2)),
            External = ExternalOptions.Bind(settings),
        };
        settings.ThrowIfWrong();
        return options;
    }
}

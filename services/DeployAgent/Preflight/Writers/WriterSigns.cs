using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Deployment;

namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>Tells from what was seen who writes. Pure: the same observations give the same writers.</summary>
internal static partial class WriterSigns
{
    /// <summary>Tags that tools set, as a regular expression that .NET and PostgreSQL read alike.</summary>
    public const string ToolTags = "deck|^OAS3|ingress-controller|^k8s-|terraform";

    // Kong itself is quiet about configuration, so a change this young has an author who may come back during the upgrade.
    private static readonly TimeSpan Recent = TimeSpan.FromHours(1);

    public static IReadOnlyList<ConfigurationWriter> Judge(WriterObservations seen)
    {
        var evidence = new SortedDictionary<WriterKind, List<string>>();
        void Add(WriterKind kind, string sentence)
        {
            if (!evidence.TryGetValue(kind, out var sentences))
            {
                evidence[kind] = sentences = [];
            }

            sentences.Add(sentence);
        }

        foreach (var tag in seen.Tags)
        {
            if (KindOf(tag.Tag) is { } kind)
            {
                Add(kind, $"Entities with the tag {tag.Tag}: {tag.Entities}.");
            }
        }

        foreach (var (node, address) in seen.Consoles)
        {
            Add(WriterKind.KongManager, $"Node {node} serves Kong Manager at {address}.");
        }

        foreach (var (table, rows) in seen.Accounts.Where(static a => a.Value > 0))
        {
            Add(table == "developers" ? WriterKind.DeveloperPortal : WriterKind.KongManager, $"Table {table} holds {rows} accounts.");
        }

        foreach (var session in seen.Sessions)
        {
            if (KindOf(session, seen) is { } kind)
            {
                Add(kind, Describe(session));
            }
        }

        foreach (var (table, rows) in seen.WrittenRows.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            Add(WriterKind.AdminApi, $"{rows} rows of {table} were written while cluster X was watched for {seen.Watched.TotalSeconds:0.#} s.");
        }

        if (seen.Newest is { } newest && newest.Age < Recent)
        {
            Add(WriterKind.AdminApi, $"The newest change, in table {newest.Table}, is {Text(newest.Age)} old.");
        }

        return [.. evidence.Select(static e => new ConfigurationWriter { Kind = e.Key, Evidence = e.Value, Pause = PauseOf(e.Key) })];
    }

    /// <summary>One sentence for the facts of preflight; says what was not found as well.</summary>
    public static string Summary(WriterObservations seen, IReadOnlyList<ConfigurationWriter> writers)
    {
        var found = writers.Count == 0
            ? $"no writer seen within {seen.Watched.TotalSeconds:0.#} s, and no tool left its mark; that does not prove that there is none"
            : string.Join(", ", writers.Select(static w => w.Kind));
        return seen.Unseen.Count == 0 ? found : $"{found}; not looked at: {string.Join("; ", seen.Unseen)}";
    }

    /// <summary>An age in the largest unit that fits.</summary>
    public static string Text(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => $"{Math.Max(0, age.TotalSeconds):0} s",
        { TotalHours: < 1 } => $"{age.TotalMinutes:0} min",
        { TotalDays: < 2 } => $"{age.TotalHours:0} h",
        _ => $"{age.TotalDays:0} days",
    };

    private static WriterKind? KindOf(string tag) => tag switch
    {
        _ when DeckTag().IsMatch(tag) => WriterKind.Deck,
        _ when tag.Contains("ingress-controller", StringComparison.OrdinalIgnoreCase) || tag.StartsWith("k8s-", StringComparison.Ordinal) => WriterKind.IngressController,
        _ when tag.Contains("terraform", StringComparison.OrdinalIgnoreCase) => WriterKind.Terraform,
        _ => null,
    };

    private static WriterKind? KindOf(WriterSession session, WriterObservations seen)
    {
        if (SqlClient().IsMatch(session.Application))
        {
            return WriterKind.DirectSql;
        }

        // Kong names its sessions from 3.4 on; before, they have no name.
        var isKongs = session.Role == seen.KongRole && session.Application is "" or "kong";
        return isKongs && (session.Address is null || seen.NodeAddresses.Contains(session.Address)) ? null : WriterKind.UnknownSession;
    }

    private static string Describe(WriterSession session) =>
        $"{session.Count} session{(session.Count == 1 ? "" : "s")} of role {session.Role}, "
        + (session.Application.Length == 0 ? "without an application name" : $"application {session.Application}")
        + $", from {session.Address ?? "an address that the server hides"}.";

    private static string PauseOf(WriterKind kind) => kind switch
    {
        WriterKind.Deck => "Stop the pipelines that run deck gateway sync or apply (deck sync in older releases) until the upgrade has ended; deck gateway diff may go on.",
        WriterKind.IngressController => "Scale the controller to 0 replicas (kubectl scale deployment NAME --replicas=0): if only the leader stops, another replica takes over.",
        WriterKind.KongManager => "Tell the people who use Kong Manager, and put the configuration that kum freeze-proxy prints in front of its Admin API, so that they read why a write is refused.",
        WriterKind.DeveloperPortal => "Close the sign-up of the Dev Portal until the upgrade has ended; registrations would be refused with an error 500.",
        WriterKind.Terraform => "Stop the pipelines that run terraform apply on this cluster; terraform plan may go on.",
        WriterKind.DirectSql => "End the session, or ask its owner to; as a last resort pg_terminate_backend. The fence refuses its writes, but a transaction left open delays the freeze.",
        WriterKind.UnknownSession => "Find what runs at that address. A node of Kong belongs into from.nodes; a connection pooler hides who is behind it; anything else that writes must be stopped.",
        _ => "The access log of the Admin API (admin_access_log) names address and user agent of who writes: stop that client.",
    };

    [GeneratedRegex(@"(^|[-_:.])deck($|[-_:.])|^OAS3(_import|file_)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DeckTag();

    [GeneratedRegex("^(psql|pgcli|pgadmin|dbeaver|datagrip|heidisql|navicat|tableplus|postico|azure data studio|pg_restore|pg_dump)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SqlClient();
}

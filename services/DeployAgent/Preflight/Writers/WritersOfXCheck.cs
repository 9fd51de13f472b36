using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Databases;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>Finds out who writes cluster X's configuration, so that people can pause them before the freeze. Finds nobody guilty: it only reports.</summary>
internal sealed class WritersOfXCheck(IKongApis apis, IOptions<DeployOptions> options, TimeProvider clock) : IPreflightCheck
{
    private static readonly TimeSpan NameLookup = TimeSpan.FromSeconds(3);

    public async Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        var database = subject.Databases.X;
        WriterObservations seen;
        await using var connection = await database.OpenAdminAsync(cancellationToken);
        try
        {
            seen = await WatchAsync(subject, connection, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, database.ToString());
        }

        report.Writers = WriterSigns.Judge(seen);
        report.Fact("writers of X's configuration", WriterSigns.Summary(seen, report.Writers));
        report.Fact("newest change of X's configuration", seen.Newest is { } newest ? $"{WriterSigns.Text(newest.Age)} ago, in table {newest.Table}" : "no table tells");
        if (seen.Tags.Count > 0)
        {
            report.Fact("tags of X's configuration", string.Join(", ", seen.Tags.Take(10).Select(static t => $"{t.Tag} ({t.Entities})")));
        }
    }

    private async Task<WriterObservations> WatchAsync(PreflightSubject subject, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var survey = await WriterSurvey.BeginAsync(connection, subject.Databases.X.Schema, cancellationToken);
        var before = await survey.WrittenRowsAsync(cancellationToken);
        var sessions = await survey.SessionsAsync(cancellationToken);
        var started = clock.GetTimestamp();
        var tags = await survey.TagsAsync(cancellationToken);
        var accounts = await survey.AccountsAsync(cancellationToken);
        var consoles = await ConsolesAsync(subject, cancellationToken);
        var addresses = await AddressesAsync(subject, cancellationToken);
        if (options.Value.WriterWatch - clock.GetElapsedTime(started) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, clock, cancellationToken);
        }

        var after = await survey.WrittenRowsAsync(cancellationToken);
        return new WriterObservations
        {
            Watched = clock.GetElapsedTime(started),
            Sessions = [.. sessions.Union(await survey.SessionsAsync(cancellationToken)).GroupBy(static s => s with { Count = 0 }).Select(static g => g.MaxBy(static s => s.Count)!)],
            WrittenRows = after.Select(a => KeyValuePair.Create(a.Key, a.Value - before.GetValueOrDefault(a.Key, a.Value))).Where(static d => d.Value > 0).ToDictionary(),
            Newest = await survey.NewestAsync(cancellationToken),
            Tags = tags,
            Accounts = accounts,
            Consoles = consoles,
            NodeAddresses = addresses,
            KongRole = subject.Spec.From.Database.User,
            Unseen = survey.Unseen,
        };
    }

    // A node that does not answer is a problem that another check reports.
    private async Task<Dictionary<string, string>> ConsolesAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var consoles = new Dictionary<string, string>();
        foreach (var node in subject.Spec.From.Nodes)
        {
            try
            {
                var information = await apis.Admin(node.Admin).GetNodeAsync(cancellationToken);
                if (information.Configuration.TryGetValue("admin_gui_listen", out var listen) && Listens(listen) is { } address)
                {
                    consoles[node.Name] = address;
                }
            }
            catch (Exception exception) when (NodeSilence.Explains(exception, cancellationToken))
            {
            }
        }

        return consoles;
    }

    private static string? Listens(JsonElement listen)
    {
        var entries = listen.ValueKind == JsonValueKind.Array ? listen.EnumerateArray().Select(static e => e.ToString()) : [listen.ToString()];
        var addresses = entries.Where(static e => e is not ("" or "off" or "{}")).ToList();
        return addresses.Count == 0 ? null : string.Join(", ", addresses);
    }

    private static async Task<IReadOnlySet<string>> AddressesAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var addresses = new HashSet<string>();
        foreach (var host in subject.Spec.From.Nodes.SelectMany(static n => new[] { n.Admin, n.Proxy, n.Status }).OfType<Uri>().Select(static u => u.DnsSafeHost).Distinct())
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(NameLookup);
            try
            {
                addresses.UnionWith((await Dns.GetHostAddressesAsync(host, limit.Token)).Select(static a => a.ToString()));
            }
            catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
            }
        }

        // A node on the database's own host is seen under whichever of its addresses the server was called by.
        if (addresses.Any(static a => IPAddress.IsLoopback(IPAddress.Parse(a))))
        {
            addresses.UnionWith(["127.0.0.1", "::1", WriterSession.Local]);
        }

        return addresses;
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Writes the entities of one workspace: children that the Admin API lists apart are sorted on disk by their parent and joined while the parents are listed.</summary>
/// <param name="pages">Where entities are read.</param>
/// <param name="scratch">A private directory for the sorting; left empty.</param>
internal sealed class WorkspaceExport(EntityPages pages, string scratch) : IAsyncDisposable
{
    private const string TopLevel = "";

    private static readonly string[] PluginScopes = ["service", "route", "consumer", "consumer_group"];

    private static readonly (string Kind, string Collection)[] Credentials =
    [
        ("acls", "acls"), ("basicauth_credentials", "basic-auths"), ("hmacauth_credentials", "hmac-auths"), ("jwt_secrets", "jwts"),
        ("keyauth_credentials", "key-auths"), ("oauth2_credentials", "oauth2"), ("mtls_auth_credentials", "mtls-auths"),
    ];

    // Nothing hangs on these, and they hang on nothing.
    private static readonly (string Kind, string Collection)[] Plain =
        [("ca_certificates", "ca_certificates"), ("vaults", "vaults"), ("key_sets", "key-sets"), ("keys", "keys"), ("partials", "partials")];

    private readonly Dictionary<(string Parent, string Kind), SortedSpool> _spools = [];

    public async Task WriteAsync(YamlStreamWriter yaml, CancellationToken cancellationToken)
    {
        await SpoolScopedAsync("plugins", "plugins", PluginScopes, cancellationToken);
        await SpoolScopedAsync(EntityPages.FilterChains, "filter-chains", ["service", "route"], cancellationToken);
        await SpoolRoutesAsync(cancellationToken);
        await WriteListAsync(yaml, "services", JoinAsync("services", "services", [], ["client_certificate"], ["routes", "plugins", "filter_chains"], cancellationToken));
        await WriteListAsync(yaml, "routes", SpooledAsync(TopLevel, "routes", cancellationToken));
        await SpoolConsumerPartsAsync(cancellationToken);
        await WriteListAsync(yaml, "consumers", JoinAsync("consumers", "consumers", [], [], [.. Credentials.Select(static c => c.Kind), "groups", "plugins"], cancellationToken));
        await WriteListAsync(yaml, "consumer_groups", JoinAsync("consumer_groups", "consumer_groups", [], [], ["plugins"], cancellationToken));
        await WriteListAsync(yaml, "upstreams", UpstreamsAsync(cancellationToken));
        await SpoolAsync("certificates", "snis", "snis", "certificate", cancellationToken);
        await WriteListAsync(yaml, "certificates", JoinAsync("certificates", "certificates", ["snis"], [], ["snis"], cancellationToken));
        foreach (var (kind, collection) in Plain)
        {
            await WriteListAsync(yaml, kind, JoinAsync(kind, collection, [], [], [], cancellationToken));
        }

        await WriteListAsync(yaml, "plugins", SpooledAsync(TopLevel, "plugins", cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var spool in _spools.Values)
        {
            await spool.DisposeAsync();
        }
    }

    private static async Task WriteListAsync(YamlStreamWriter yaml, string kind, IAsyncEnumerable<JsonElement> entities)
    {
        var isStarted = false;
        await foreach (var entity in entities)
        {
            if (!isStarted)
            {
                isStarted = true;
                yaml.Key(kind);
                yaml.StartSequence();
            }

            yaml.Value(entity);
        }

        if (isStarted)
        {
            yaml.EndSequence();
        }
    }

    // What has exactly one scope stands with it; everything else at the top, with its scopes by id.
    private async Task SpoolScopedAsync(string kind, string collection, string[] scopes, CancellationToken cancellationToken)
    {
        await foreach (var entity in pages.ListAsync(kind, collection, cancellationToken))
        {
            var links = scopes.Select(s => (Scope: s, Id: EntityShape.LinkOf(entity, s))).Where(static l => l.Id is not null).ToArray();
            if (links is [var only])
            {
                await Spool(only.Scope + "s", kind).AddAsync(only.Id!, EntityShape.Compose(entity, [only.Scope], []), cancellationToken);
            }
            else
            {
                await Spool(TopLevel, kind).AddAsync(EntityShape.IdOf(entity), EntityShape.Compose(entity, [], scopes), cancellationToken);
            }
        }
    }

    private async Task SpoolRoutesAsync(CancellationToken cancellationToken)
    {
        await foreach (var route in JoinAsync("routes", "routes", [], [], ["plugins", "filter_chains"], cancellationToken))
        {
            if (EntityShape.LinkOf(route, "service") is { } service)
            {
                await Spool("services", "routes").AddAsync(service, EntityShape.Compose(route, ["service"], []), cancellationToken);
            }
            else
            {
                await Spool(TopLevel, "routes").AddAsync(EntityShape.IdOf(route), route, cancellationToken);
            }
        }
    }

    private async Task SpoolConsumerPartsAsync(CancellationToken cancellationToken)
    {
        foreach (var (kind, collection) in Credentials)
        {
            await SpoolAsync("consumers", kind, collection, "consumer", cancellationToken);
        }

        await foreach (var group in pages.ListAsync("consumer_groups", "consumer_groups", cancellationToken))
        {
            var name = EntityShape.Compose(group, [.. group.EnumerateObject().Select(static f => f.Name).Where(static n => n != "name")], []);
            await foreach (var consumer in pages.ListOfAsync("groups", "consumer_groups", EntityShape.IdOf(group), "consumers", cancellationToken))
            {
                await Spool("consumers", "groups").AddAsync(EntityShape.IdOf(consumer), name, cancellationToken);
            }
        }
    }

    private async Task SpoolAsync(string parent, string kind, string collection, string link, CancellationToken cancellationToken)
    {
        await foreach (var entity in pages.ListAsync(kind, collection, cancellationToken))
        {
            var id = EntityShape.LinkOf(entity, link) ?? throw new DeclarativeExportException($"the Admin API listed {kind} without {link}");
            await Spool(parent, kind).AddAsync(id, EntityShape.Compose(entity, [link], []), cancellationToken);
        }
    }

    private async IAsyncEnumerable<JsonElement> UpstreamsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var upstream in pages.ListAsync("upstreams", "upstreams", cancellationToken))
        {
            var targets = new List<JsonElement>();
            await foreach (var target in pages.ListOfAsync("targets", "upstreams", EntityShape.IdOf(upstream), "targets", cancellationToken))
            {
                targets.Add(EntityShape.Compose(target, ["upstream"], []));
            }

            yield return EntityShape.Compose(upstream, [], [], ("targets", targets));
        }
    }

    private async IAsyncEnumerable<JsonElement> SpooledAsync(string parent, string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (_, entity) in Spool(parent, kind).ReadAsync(cancellationToken))
        {
            yield return entity;
        }
    }

    private async IAsyncEnumerable<JsonElement> JoinAsync(
        string kind, string collection, string[] dropped, string[] linked, string[] children, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursors = children.Select(c => new ChildCursor(c, Spool(kind, c), cancellationToken)).ToArray();
        try
        {
            await foreach (var entity in pages.ListAsync(kind, collection, cancellationToken))
            {
                var found = new List<(string Field, IReadOnlyList<JsonElement> Entities)>(cursors.Length);
                foreach (var cursor in cursors)
                {
                    found.Add((cursor.Field, await cursor.OfAsync(EntityShape.IdOf(entity))));
                }

                yield return EntityShape.Compose(entity, dropped, linked, found);
            }

            foreach (var cursor in cursors)
            {
                await cursor.EndAsync();
            }
        }
        finally
        {
            foreach (var cursor in cursors)
            {
                await cursor.DisposeAsync();
            }
        }
    }

    private SortedSpool Spool(string parent, string kind) =>
        _spools.TryGetValue((parent, kind), out var spool) ? spool : _spools[(parent, kind)] = new SortedSpool(scratch);
}

using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KongUpgradeMesh.Kong.Admin;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Reads listings of the Admin API page by page and counts what it has read.</summary>
/// <param name="api">Admin API of one node.</param>
/// <param name="prefix">Workspace and slash; empty where there are no workspaces.</param>
/// <param name="tally">Takes counts and the kinds that the node does not know.</param>
internal sealed class EntityPages(IKongAdminApi api, string prefix, ExportTally tally)
{
    /// <summary>Kind of the filter chains, which a node lists only while WebAssembly is on.</summary>
    public const string FilterChains = "filter_chains";

    private const int PageSize = 500;

    // Ten thousand pages are five million entities; a node that turns in circles ends here.
    private const int MostPages = 10_000;

    /// <summary>Every entity of a listing in the order of ids; nothing, and a mark, when the node does not know the listing.</summary>
    /// <exception cref="DeclarativeExportException">The node refused, or its pages make no sense.</exception>
    public IAsyncEnumerable<JsonElement> ListAsync(string kind, string collection, CancellationToken cancellationToken) =>
        ReadAsync(kind, collection, "data", isOptional: true, cancellationToken);

    /// <summary>As <see cref="ListAsync"/>, for what hangs on one entity that was just listed and therefore must be known.</summary>
    public IAsyncEnumerable<JsonElement> ListOfAsync(string kind, string collection, string id, string children, CancellationToken cancellationToken) =>
        ReadAsync(kind, $"{collection}/{id}/{children}", children, isOptional: false, cancellationToken);

    private async IAsyncEnumerable<JsonElement> ReadAsync(string kind, string path, string list, bool isOptional, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? offset = null;
        for (var page = 0; page < MostPages; page++)
        {
            if (await PageAsync(kind, path, offset, isOptional, cancellationToken) is not { } answer)
            {
                yield break;
            }

            // Listings of Enterprise's consumer groups are named after what they list.
            if (!answer.TryGetProperty("data", out var data) && !answer.TryGetProperty(list, out data))
            {
                throw new DeclarativeExportException($"GET /{prefix}{path} did not answer with a list");
            }

            // An empty list may come as an empty object: the two are one in Kong's language.
            foreach (var entity in data.ValueKind == JsonValueKind.Array ? [.. data.EnumerateArray()] : Array.Empty<JsonElement>())
            {
                tally.Count(kind);
                yield return entity;
            }

            var next = answer.TryGetProperty("offset", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null;
            if (next is null)
            {
                yield break;
            }

            offset = next != offset ? next : throw Endless(path);
        }

        throw Endless(path);
    }

    private async Task<JsonElement?> PageAsync(string kind, string path, string? offset, bool isOptional, CancellationToken cancellationToken)
    {
        using var answer = await api.ListAsync(prefix + path, PageSize, offset, cancellationToken);
        switch (answer)
        {
            case { IsSuccessful: true, Content: { ValueKind: JsonValueKind.Object } page }:
                return page;
            case { StatusCode: HttpStatusCode.NotFound } when isOptional && offset is null:
            case { StatusCode: HttpStatusCode.BadRequest } when kind == FilterChains && offset is null: // WebAssembly is off.
                tally.Unknown(kind);
                return null;
            case { StatusCode: HttpStatusCode.Forbidden } when isOptional && offset is null: // Of Enterprise, without a licence.
                tally.Refused(kind);
                return null;
            case { StatusCode: { } status }:
                throw new DeclarativeExportException($"GET /{prefix}{path} was answered with {(int)status}");
            default:
                throw new DeclarativeExportException($"GET /{prefix}{path} was not answered", answer.Error);
        }
    }

    private DeclarativeExportException Endless(string path) => new($"the pages of /{prefix}{path} do not end");
}

using System.Text.Json;
using KongUpgradeMesh.Contracts;
using Microsoft.AspNetCore.Http;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>A request body that is JSON or says why it is not, so that bad input is answered in the API's own words.</summary>
/// <param name="Json">The body; null when it is not JSON.</param>
/// <param name="Error">Where it stops being JSON; null when it is.</param>
internal sealed record JsonBody(JsonElement? Json, string? Error)
{
    public static async ValueTask<JsonBody?> BindAsync(HttpContext context)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            return new JsonBody(document.RootElement.Clone(), null);
        }
        catch (JsonException exception)
        {
            return new JsonBody(null, $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
        }
    }

    /// <summary>The member of that name; null when there is none or the body is no object.</summary>
    public JsonElement? Member(string name) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>The member's text; null when there is none or it is no text.</summary>
    public string? Text(string name) => Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    public IResult NotJson() => UpgradesApi.Problem(StatusCodes.Status400BadRequest, new Failure
    {
        Code = FailureCodes.MessageInvalid,
        Message = $"The body is not JSON: it breaks at {Error}.",
        Remedy = "Send an object with requestId and spec as application/json; see /openapi/v1.json.",
    });
}

using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Status and body of one answer of the Admin API.</summary>
internal sealed record AdminAnswer(int Status, JsonNode? Body = null)
{
    public static AdminAnswer Ok(JsonNode body) => new(200, body);

    public static AdminAnswer Created(JsonNode body) => new(201, body);

    public static AdminAnswer NoContent { get; } = new(204);

    public static AdminAnswer NotFound => Message(404, "Not found");

    public static AdminAnswer MethodNotAllowed => Message(405, "Method not allowed");

    public static AdminAnswer Unexpected => Message(500, "An unexpected error occurred");

    public static AdminAnswer Message(int status, string message) => new(status, new JsonObject { ["message"] = message });
}

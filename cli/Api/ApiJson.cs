using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Cli.Api;

/// <summary>How the REST API's JSON is read and written.</summary>
public static class ApiJson
{
    /// <summary>As it goes over the wire: one line.</summary>
    public static JsonSerializerOptions Wire { get; } = Create(indented: false);

    /// <summary>As <c>-o json</c> prints it: for people and for <c>jq</c>.</summary>
    public static JsonSerializerOptions Printed { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Converters = { new JsonStringEnumConverter() },
    };
}

using System.Text.Json;
using KongUpgradeMesh.Cli.Api;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary>What every command works with.</summary>
internal sealed record Session(UpgradesClient Client, bool IsJson, TextWriter Output, TimeProvider Clock)
{
    /// <summary>Who asks, for the timeline: the person's name at this machine, unless <c>KUM_ACTOR</c> says it better.</summary>
    public static string Actor { get; } =
        Environment.GetEnvironmentVariable("KUM_ACTOR") is { Length: > 0 } actor ? actor : $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Prints <paramref name="value"/> as JSON where that was asked for, otherwise by <paramref name="asText"/>.</summary>
    public void Print<T>(T value, Action<TextWriter, T> asText)
    {
        if (IsJson)
        {
            Output.WriteLine(JsonSerializer.Serialize(value, ApiJson.Printed));
        }
        else
        {
            asText(Output, value);
        }
    }
}

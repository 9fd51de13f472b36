using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>Turns saga instances into the JSON of their row and back.</summary>
internal static class SagaSerializer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,

        // jsonb does not keep the order of members, so a type discriminator may come late.
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new JsonStringEnumConverter(), new StorableTextConverter() },
    };

    /// <summary>The name a saga type has in its rows. Renaming the class strands its rows.</summary>
    public static string TypeName<TSaga>() => typeof(TSaga).Name;

    public static string Write<TSaga>(TSaga saga) => JsonSerializer.Serialize(saga, Json);

    public static TSaga Read<TSaga>(string body, int version)
        where TSaga : class
    {
        var saga = JsonSerializer.Deserialize<TSaga>(body, Json)
            ?? throw new JsonException($"the stored body of a {typeof(TSaga).Name} is null");
        SetVersion(saga, version);
        return saga;
    }

    public static void SetVersion<TSaga>(TSaga saga, int version)
        where TSaga : class
    {
        if (saga is ISagaVersion versioned)
        {
            versioned.Version = version;
        }
    }
}

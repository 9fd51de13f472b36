using System.Globalization;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>Reads numbers whether they came from a text or were put in by code; the casts of <see cref="JsonNode"/> know only one of the two.</summary>
internal static class JsonNumber
{
    public static double Of(JsonNode value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
}

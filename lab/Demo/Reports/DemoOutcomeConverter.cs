using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>Writes <c>completed</c>, <c>failed</c>, <c>rolledBack</c>.</summary>
internal sealed class DemoOutcomeConverter() : JsonStringEnumConverter<DemoOutcome>(JsonNamingPolicy.CamelCase);

using MassTransit.Logging;
using MassTransit.Monitoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KongUpgradeMesh.Hosting.Telemetry;

/// <summary>Sends traces and metrics by OTLP where the standard variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector.</summary>
public static class TelemetryExtensions
{
    /// <summary>Name prefix of the product's own activity sources and meters.</summary>
    public const string SourcePrefix = "KongUpgradeMesh.";

    /// <summary>Adds OpenTelemetry for the named service; without a collector nothing is recorded.</summary>
    public static void AddMeshTelemetry(this WebApplicationBuilder builder, string serviceName)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(serviceName))
            .WithTracing(static tracing => tracing.AddSource(DiagnosticHeaders.DefaultListenerName, SourcePrefix + "*").AddNpgsql().AddOtlpExporter())
            .WithMetrics(static metrics => metrics.AddMeter(InstrumentationOptions.MeterName, SourcePrefix + "*").AddNpgsqlInstrumentation().AddOtlpExporter());
    }
}

using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>Surveys as the agent makes them.</summary>
internal static class LimitSurveys
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddKongApis().BuildServiceProvider();

    public static LimitSurvey Create() => new(Services.GetRequiredService<IKongApis>(), TimeProvider.System, NullLogger<LimitSurvey>.Instance);
}

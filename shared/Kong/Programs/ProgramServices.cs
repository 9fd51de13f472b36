using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KongUpgradeMesh.Kong.Programs;

/// <summary>Registers what runs programs of this host.</summary>
public static class ProgramServices
{
    /// <summary>Adds <see cref="IProgramRunner"/>; repeated calls add it once. Needs a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddProgramRunner(this IServiceCollection services)
    {
        services.TryAddSingleton<IProgramRunner, ProgramRunner>();
        return services;
    }
}

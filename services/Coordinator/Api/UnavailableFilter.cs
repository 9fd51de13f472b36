using KongUpgradeMesh.Contracts;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>Says in the API's own words that the broker or the database is away, instead of a bare 500.</summary>
internal sealed class UnavailableFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is RequestTimeoutException or RequestFaultException)
        {
            return UpgradesApi.Problem(StatusCodes.Status503ServiceUnavailable, new Failure
            {
                Code = FailureCodes.BrokerUnreachable,
                Message = "The request was not answered in time; whether it was taken is not known.",
                Remedy = "Check /health/ready of the coordinator, then send it again with the same requestId; a repeat starts nothing twice.",
                IsTransient = true,
            });
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return UpgradesApi.Problem(StatusCodes.Status503ServiceUnavailable, new Failure
            {
                Code = FailureCodes.DatabaseUnreachable,
                Message = "The coordinator's database does not answer.",
                Remedy = "Check /health/ready of the coordinator and its PostgreSQL server, then try again.",
                IsTransient = true,
            });
        }
    }
}

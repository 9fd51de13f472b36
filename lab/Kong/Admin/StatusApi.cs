using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>The Status API: what monitors may ask without seeing the Admin API.</summary>
internal sealed class StatusApi(NodeEndpoints node, KongDatabase database, Flavour flavour)
{
    public async Task HandleAsync(HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        switch (context.Request.Path.Value?.TrimEnd('/'))
        {
            case "/metrics":
                await node.WriteMetricsAsync(context);
                return;
            case "/status":
                await AdminApi.WriteAsync(context, await node.StatusAsync(cancellationToken), flavour);
                return;
            case "/status/ready" when flavour.IsThree:
                var ready = await database.IsReachableAsync(cancellationToken);
                await AdminApi.WriteAsync(context, AdminAnswer.Message(ready ? 200 : 503, ready ? "ready" : "failed to connect to database"), flavour);
                return;
            default:
                await AdminApi.WriteAsync(context, new AdminAnswer(404, new JsonObject { ["message"] = "Not found" }), flavour);
                return;
        }
    }
}

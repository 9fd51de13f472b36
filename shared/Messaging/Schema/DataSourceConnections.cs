using DbUp.Engine.Transactions;
using DbUp.Postgresql;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Schema;

/// <summary>Gives DbUp connections of our data source, so that its settings and password handling hold there too.</summary>
internal sealed class DataSourceConnections(NpgsqlDataSource dataSource)
    : DatabaseConnectionManager(new DelegateConnectionFactory(_ => dataSource.CreateConnection()))
{
    // The simple query protocol runs a whole script at once; splitting at semicolons would break function bodies.
    public override IEnumerable<string> SplitScriptIntoCommands(string scriptContents) => [scriptContents];
}

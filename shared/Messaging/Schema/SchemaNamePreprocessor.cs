using DbUp.Engine;

namespace KongUpgradeMesh.Messaging.Schema;

/// <summary>
/// Puts the configured schema in place of <c>$schema$</c>. DbUp's own variables are not used: they would read the
/// dollar-quoted bodies of functions as variables.
/// </summary>
internal sealed class SchemaNamePreprocessor(string schema) : IScriptPreprocessor
{
    public string Process(string contents) => contents.Replace("$schema$", schema, StringComparison.Ordinal);
}

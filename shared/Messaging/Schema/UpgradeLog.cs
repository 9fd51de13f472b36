using System.Globalization;
using DbUp.Engine.Output;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Messaging.Schema;

/// <summary>Passes what DbUp says on to our log.</summary>
internal sealed class UpgradeLog(ILogger logger) : IUpgradeLog
{
    public void LogTrace(string format, params object[] args) => Write(LogLevel.Trace, null, format, args);

    public void LogDebug(string format, params object[] args) => Write(LogLevel.Debug, null, format, args);

    public void LogInformation(string format, params object[] args) => Write(LogLevel.Debug, null, format, args);

    public void LogWarning(string format, params object[] args) => Write(LogLevel.Warning, null, format, args);

    public void LogError(string format, params object[] args) => Write(LogLevel.Warning, null, format, args);

    public void LogError(Exception ex, string format, params object[] args) => Write(LogLevel.Warning, ex, format, args);

    private void Write(LogLevel level, Exception? exception, string format, object[] args) =>
        Log.SchemaStep(logger, level, args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args), exception);
}

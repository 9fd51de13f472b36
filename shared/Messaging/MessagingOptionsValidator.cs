using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KongUpgradeMesh.Messaging;

/// <summary>Collects every problem of the settings, so that one start tells them all.</summary>
internal sealed partial class MessagingOptionsValidator : IValidateOptions<MessagingOptions>
{
    public ValidateOptionsResult Validate(string? name, MessagingOptions options)
    {
        var problems = new List<string>();

        void Range<T>(string key, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{MessagingOptions.Section}:{key} must be between {least} and {most}, but is {value}."));
            }
        }

        if (ConnectionProblem(options.ConnectionString) is { } connectionProblem)
        {
            problems.Add($"{MessagingOptions.Section}:{nameof(options.ConnectionString)} {connectionProblem}");
        }

        if (!SchemaName().IsMatch(options.Schema))
        {
            problems.Add($"{MessagingOptions.Section}:{nameof(options.Schema)} must be lower-case letters, digits and underscores, at most 40, not starting with a digit, but is '{options.Schema}'.");
        }

        Range(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        Range(nameof(options.SendTimeout), options.SendTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Range(nameof(options.BatchSize), options.BatchSize, 1, 1000);
        Range(nameof(options.SendsInFlight), options.SendsInFlight, 1, 100);
        Range(nameof(options.MaximumLanes), options.MaximumLanes, 1, 50);
        Range(nameof(options.MaximumAttempts), options.MaximumAttempts, 1, 1000);
        Range(nameof(options.BackOff), options.BackOff, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Range(nameof(options.MaximumBackOff), options.MaximumBackOff, options.BackOff, TimeSpan.FromHours(1));
        Range(nameof(options.InboxRetention), options.InboxRetention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(366));
        Range(nameof(options.InboxCleaningInterval), options.InboxCleaningInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Range(nameof(options.IdleTransactionTimeout), options.IdleTransactionTimeout, 3 * options.SendTimeout, TimeSpan.FromHours(1));
        Range(nameof(options.QueryTimeout), options.QueryTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    // The value itself is never repeated: it may hold a password.
    private static string? ConnectionProblem(string connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return "is missing; give the Npgsql connection string of the product's own database.";
        }

        try
        {
            return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connectionString).Host) ? "names no Host." : null;
        }
        catch (ArgumentException)
        {
            return "is not an Npgsql connection string (key=value pairs separated by semicolons).";
        }
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,39}$")]
    private static partial Regex SchemaName();
}

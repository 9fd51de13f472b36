using System.Globalization;
using System.Text;

namespace KongUpgradeMesh.Lab.Demo.Configuration;

/// <summary>The clients of the sample configuration and their credentials, which protect nothing.</summary>
public static class SampleClients
{
    /// <summary>Group that may use the customers service.</summary>
    public const string StaffGroup = "staff";

    /// <summary>Group that may use the payments service.</summary>
    public const string PayersGroup = "payers";

    /// <summary>Consumers with an API key.</summary>
    public static IReadOnlyList<string> Applications { get; } = Names("app", 38);

    /// <summary>Consumers with a user name and password.</summary>
    public static IReadOnlyList<string> Partners { get; } = Names("partner", 12);

    /// <summary>Clients without any credential, told apart by the header <c>X-Client-Id</c>.</summary>
    /// <remarks>The names decide, by their hashes, who is among the first percent: with these it is one application and nine guests, enough to judge by.</remarks>
    public static IReadOnlyList<string> Guests { get; } = Names("guest", 600);

    /// <summary>Those of <see cref="Applications"/> that are in <see cref="PayersGroup"/>: every second one.</summary>
    public static IEnumerable<string> Payers => Applications.Where(static (_, i) => i % 2 == 0);

    /// <summary>Those of <see cref="Partners"/> that are in <see cref="StaffGroup"/>: every second one.</summary>
    public static IEnumerable<string> Staff => Partners.Where(static (_, i) => i % 2 == 0);

    /// <summary>The API key of an application.</summary>
    public static string Key(string application) => $"lab-apikey-of-{application}";

    /// <summary>The password of a partner.</summary>
    public static string Password(string partner) => $"lab-password-of-{partner}";

    /// <summary>A partner's <c>Authorization</c> header.</summary>
    public static string BasicHeader(string partner) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{partner}:{Password(partner)}"));

    private static string[] Names(string kind, int count) =>
        [.. Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{kind}-{i:000}"))];
}

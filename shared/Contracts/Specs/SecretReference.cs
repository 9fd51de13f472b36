namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Resolves references to secrets on this host; the secrets themselves never cross the bus.</summary>
public static class SecretReference
{
    private const string EnvironmentPrefix = "env:";
    private const string FilePrefix = "file:";

    /// <summary>Whether <paramref name="value"/> refers to a secret instead of being a plain value.</summary>
    public static bool IsReference(string value) =>
        value.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) || value.StartsWith(FilePrefix, StringComparison.Ordinal);

    /// <summary>The secret behind <c>env:NAME</c> or <c>file:/path</c> (one trailing line break removed); a plain value is returned as it is.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/>; names the reference, never a value.</exception>
    public static string Resolve(string reference)
    {
        if (reference.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(reference[EnvironmentPrefix.Length..]) ?? throw NotFound(reference, null);
        }

        if (!reference.StartsWith(FilePrefix, StringComparison.Ordinal))
        {
            return reference;
        }

        try
        {
            var text = File.ReadAllText(reference[FilePrefix.Length..]);
            return text.EndsWith('\n') ? text[..^1].TrimEnd('\r') : text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotFound(reference, exception);
        }
    }

    /// <summary>As <see cref="Resolve"/>, but null stays null.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/>.</exception>
    public static string? ResolveOptional(string? reference) => reference is null ? null : Resolve(reference);

    private static StepFailedException NotFound(string reference, Exception? inner) => new(
        new Failure
        {
            Code = FailureCodes.SecretNotFound,
            Message = $"The reference {reference} cannot be resolved on {Environment.MachineName}.",
            Remedy = "Set the environment variable, or make the file readable, for the agent's user; then: kum retry.",
        },
        inner);
}

using System.Text.Json;
using YamlDotNet.Core;

namespace KongUpgradeMesh.Kong.Specs;

/// <summary>Reads a spec from a file or from standard input, YAML or JSON, without judging what is in it.</summary>
public static class SpecFile
{
    private const int LargestFile = 1024 * 1024;

    /// <summary>Reads the spec at <paramref name="path"/>; <c>-</c> is standard input.</summary>
    public static async Task<JsonElement> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            if (path == "-")
            {
                text = await Console.In.ReadToEndAsync(cancellationToken);
            }
            else if (new FileInfo(path) is { Exists: true, Length: > LargestFile })
            {
                throw new SpecFileException($"{path} is larger than 1 MiB; a spec is a few kilobytes.");
            }
            else
            {
                text = await File.ReadAllTextAsync(path, cancellationToken);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SpecFileException($"{path} cannot be read: {unreadable.Message}", unreadable);
        }

        return Parse(text, path == "-" ? "standard input" : path);
    }

    /// <summary>Turns YAML or JSON text into JSON; <paramref name="name"/> stands before what is wrong with it.</summary>
    public static JsonElement Parse(string text, string name)
    {
        if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return ParseJson(text, name);
        }

        try
        {
            // JSON is YAML, as far as a spec goes, so one reader serves both.
            return YamlToJson.Convert(text);
        }
        catch (YamlException wrong)
        {
            throw new SpecFileException($"{name}:{wrong.Start.Line}:{wrong.Start.Column}: {wrong.Message}", wrong);
        }
    }

    private static JsonElement ParseJson(string text, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException wrong)
        {
            throw new SpecFileException($"{name}:{wrong.LineNumber + 1}:{wrong.BytePositionInLine + 1}: not JSON", wrong);
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KongUpgradeMesh.Kong.Specs;

/// <summary>
/// Turns one YAML document into JSON by the core schema of YAML 1.2: a quoted scalar is a string, a plain one is null, a boolean, a number or a string by its form.
/// So <c>no</c> and <c>12:30</c> stay strings, which older YAML readers turn into false and 750.
/// </summary>
public static partial class YamlToJson
{
    private const int MostNodes = 100_000;

    /// <summary>Converts <paramref name="yaml"/>; throws <see cref="YamlException"/> with the position of what is wrong.</summary>
    public static JsonElement Convert(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        if (stream.Documents.Count != 1)
        {
            throw new YamlException($"one document is expected, {stream.Documents.Count} are there");
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            // Aliases may repeat aliases: what is small on paper can be endless when written out.
            var left = MostNodes;
            Write(json, stream.Documents[0].RootNode, ref left);
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter json, YamlNode node, ref int left)
    {
        if (--left < 0)
        {
            throw new YamlException(node.Start, node.End, "the aliases expand to too much");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                json.WriteStartObject();
                foreach (var (key, value) in mapping.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name } || name == "<<")
                    {
                        throw new YamlException(key.Start, key.End, "keys must be plain names; merge keys (<<) are not supported");
                    }

                    json.WritePropertyName(name);
                    Write(json, value, ref left);
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var item in sequence.Children)
                {
                    Write(json, item, ref left);
                }

                json.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                WriteScalar(json, scalar);
                break;
            default:
                throw new YamlException(node.Start, node.End, "this kind of YAML node has no place in a spec");
        }
    }

    private static void WriteScalar(Utf8JsonWriter json, YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        var isPlain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific || scalar.Tag.Value != "tag:yaml.org,2002:str");
        if (!isPlain)
        {
            json.WriteStringValue(text);
        }
        else if (text is "" or "~" or "null" or "Null" or "NULL")
        {
            json.WriteNullValue();
        }
        else if (text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
        {
            json.WriteBooleanValue(text[0] is 't' or 'T');
        }
        else if (JsonNumber().IsMatch(text))
        {
            // As it was written: 3.10 must not become 3.1 on its way to the message that it should have been quoted.
            json.WriteRawValue(text);
        }
        else if (OtherNumber().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$")]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex OtherNumber();
}

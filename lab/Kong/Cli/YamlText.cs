using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary>Translates between JSON and YAML without losing which scalars are texts.</summary>
internal static class YamlText
{
    public static YamlNode FromJson(JsonNode? node) => node switch
    {
        null => new YamlScalarNode("~"),
        JsonObject record => new YamlMappingNode(record.Select(f => KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(f.Key), FromJson(f.Value)))),
        JsonArray list => new YamlSequenceNode(list.Select(FromJson)),
        _ when node.GetValueKind() == JsonValueKind.String => Text((string)node!),
        _ => new YamlScalarNode(node.ToJsonString()),
    };

    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", ToJson(c.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode scalar => Value(scalar),
        _ => null,
    };

    private static YamlScalarNode Text(string text) => new(text)
    {
        Style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : IsPlain(text) ? ScalarStyle.Plain : ScalarStyle.SingleQuoted,
    };

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/') && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");

    private static JsonNode? Value(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return text;
        }

        return text switch
        {
            "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => integer,
            _ when text.Any(char.IsAsciiDigit) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => text,
        };
    }
}

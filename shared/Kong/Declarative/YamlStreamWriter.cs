using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Writes JSON as YAML while it comes, keeping nothing.</summary>
internal sealed class YamlStreamWriter
{
    private readonly Emitter _emitter;

    public YamlStreamWriter(TextWriter output)
    {
        _emitter = new Emitter(output, new EmitterSettings().WithBestWidth(int.MaxValue));
        _emitter.Emit(new StreamStart());
        _emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        StartMapping();
    }

    public void StartMapping() => _emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));

    public void EndMapping() => _emitter.Emit(new MappingEnd());

    public void StartSequence() => _emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));

    public void EndSequence() => _emitter.Emit(new SequenceEnd());

    public void Key(string name) => Plain(name);

    /// <summary>Always quoted: what looks like a number or a boolean must stay text.</summary>
    public void Text(string value) =>
        _emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, value, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true));

    public void Value(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                StartMapping();
                foreach (var property in value.EnumerateObject())
                {
                    KeyText(property.Name);
                    Value(property.Value);
                }

                EndMapping();
                break;
            case JsonValueKind.Array:
                StartSequence();
                foreach (var item in value.EnumerateArray())
                {
                    Value(item);
                }

                EndSequence();
                break;
            case JsonValueKind.String:
                Text(value.GetString()!);
                break;
            default:
                Plain(value.GetRawText());
                break;
        }
    }

    /// <summary>A key that a person chose, such as a header's name.</summary>
    public void KeyText(string name)
    {
        if (name.Length > 0 && name.All(static c => char.IsAsciiLetterLower(c) || c == '_') && name is not ("y" or "n" or "yes" or "no" or "on" or "off" or "true" or "false" or "null"))
        {
            Plain(name);
        }
        else
        {
            Text(name);
        }
    }

    public void End()
    {
        EndMapping();
        _emitter.Emit(new DocumentEnd(isImplicit: true));
        _emitter.Emit(new StreamEnd());
    }

    private void Plain(string text) => _emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
}

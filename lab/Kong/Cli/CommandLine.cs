namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary>The words of a call of <c>kong</c>, sorted into command, operands and options.</summary>
internal sealed class CommandLine
{
    private static readonly HashSet<string> WithValue = new(StringComparer.Ordinal)
    {
        "-c", "--conf", "-p", "--prefix", "--flavour", "-t", "--timeout", "-w", "--wait", "--db-timeout", "--lock-timeout", "--nginx-conf",
    };

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.Ordinal)
    {
        ["-c"] = "--conf",
        ["-p"] = "--prefix",
        ["-t"] = "--timeout",
        ["-w"] = "--wait",
    };

    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly List<string> _operands = [];

    public CommandLine(IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word.Length < 2 || word[0] != '-')
            {
                _operands.Add(word);
                continue;
            }

            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? word[..equals] : word;
            var value = "";
            if (equals > 0)
            {
                value = word[(equals + 1)..];
            }
            else if (WithValue.Contains(name))
            {
                value = ++i < words.Count ? words[i] : throw new CommandFailedException($"option {name} expects a value");
            }

            _options[LongNames.GetValueOrDefault(name, name)] = value;
        }
    }

    public string Command => Operand(0) ?? "";

    public string? Operand(int index) => index < _operands.Count ? _operands[index] : null;

    public string? Option(string name) => _options.GetValueOrDefault(name);

    public bool Has(string name) => _options.ContainsKey(name);
}

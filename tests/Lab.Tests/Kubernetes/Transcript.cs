using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.Tests.Kubernetes;

/// <summary>One recorded exchange with a real kube-apiserver: lines of the request behind <c>&gt;</c>, then the answer as curl shows it.</summary>
internal sealed record Transcript(string Name, HttpMethod Method, string Path, string? ContentType, string? Body, int Status, IReadOnlyDictionary<string, string> Headers, JsonNode Answer)
{
    public DateTimeOffset Date => DateTimeOffset.Parse(Headers["date"]);

    public static Transcript Read(string file)
    {
        var lines = File.ReadAllLines(file);
        var asked = lines.Where(static l => l.StartsWith("> ", StringComparison.Ordinal)).Select(static l => l[2..]).ToList();
        var type = asked.Skip(1).FirstOrDefault(static l => l.StartsWith("Content-Type: ", StringComparison.Ordinal));
        var first = Array.FindIndex(lines, static l => l.StartsWith("HTTP/", StringComparison.Ordinal));
        var headers = lines.Skip(first + 1).TakeWhile(static l => l.Length > 0).Select(static l => l.Split(": ", 2)).ToDictionary(static h => h[0], static h => h[1]);
        return new Transcript(
            System.IO.Path.GetFileName(file),
            new HttpMethod(asked[0].Split(' ')[0]),
            asked[0].Split(' ')[1],
            type?["Content-Type: ".Length..],
            type is null ? null : asked[^1],
            int.Parse(lines[first].Split(' ')[1]),
            headers,
            JsonNode.Parse(string.Join('\n', lines.Skip(first + 2 + headers.Count)))!);
    }
}

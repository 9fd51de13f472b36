using System.Text;
using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.TestKit;
using MassTransit;
using MassTransit.SagaStateMachine;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

public sealed class DiagramTests
{
    [Fact]
    public void The_committed_diagram_is_the_generated_one()
    {
        var path = Path.Combine(Repository.Root, "docs", "upgrade-state-machine.md");
        var generated = Render();
        if (Environment.GetEnvironmentVariable("KUM_WRITE_APPROVED") == "1")
        {
            File.WriteAllText(path, generated);
        }

        Assert.True(File.Exists(path), "docs/upgrade-state-machine.md is missing; run this test with KUM_WRITE_APPROVED=1 and commit it");
        Assert.Equal(generated, File.ReadAllText(path));
    }

    private static string Render()
    {
        var machine = Machine.Create();
        var arrows = machine.Live.Concat(machine.Ended).ToDictionary(s => s.Name, s => ArrowsFrom(machine, s));

        // What leads the same way from every phase is drawn once, from the group of them all.
        var common = machine.Running.Select(s => arrows[s.Name]).Aggregate((a, b) => [.. a.Intersect(b)]);
        var text = new StringBuilder("# The upgrade as a state machine\n\nWritten by `Coordinator.Tests` from the machine itself; do not edit. ");
        text.Append("Events that change nothing but the record are left out; what every phase shares is drawn from the group.\n\n```mermaid\nstateDiagram-v2\n");
        text.Append("    [*] --> Running: Begin\n    state Running {\n        [*] --> ").Append(machine.Running[0].Name).Append('\n');
        foreach (var state in machine.Running)
        {
            Draw(text, "        ", state.Name, arrows[state.Name].Except(common).Where(a => machine.Running.Any(r => r.Name == a.Target)));
        }

        text.Append("    }\n");
        Draw(text, "    ", "Running", common);
        foreach (var state in machine.Running)
        {
            Draw(text, "    ", state.Name, arrows[state.Name].Except(common).Where(a => machine.Running.All(r => r.Name != a.Target)));
        }

        foreach (var state in machine.Live.Concat(machine.Ended).Except(machine.Running))
        {
            // A gate and a pause lead on to whichever phase they stood before.
            var onward = arrows[state.Name].Where(a => machine.Running.Any(r => r.Name == a.Target)).Select(a => a.Event).Distinct().Select(e => (e, "Running"));
            Draw(text, "    ", state.Name, [.. onward, .. arrows[state.Name].Where(a => machine.Running.All(r => r.Name != a.Target))]);
        }

        return text.Append("```\n").ToString();
    }

    private static HashSet<(string Event, string Target)> ArrowsFrom(UpgradeStateMachine machine, State state)
    {
        var visitor = new GraphStateMachineVisitor<UpgradeState>(machine);
        state.Accept(visitor);
        var states = machine.Live.Concat(machine.Ended).Select(s => s.Name).ToHashSet();
        var edges = visitor.Graph.Edges.ToList();
        return
        [
            .. from enter in edges
               where enter.From.Title == state.Name && !states.Contains(enter.To.Title)
               from leave in edges
               where leave.From.Equals(enter.To) && states.Contains(leave.To.Title) && leave.To.Title != state.Name
               select (enter.To.Title, leave.To.Title),
        ];
    }

    private static void Draw(StringBuilder text, string indent, string from, IEnumerable<(string Event, string Target)> arrows)
    {
        foreach (var group in arrows.GroupBy(a => a.Target).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(indent).Append(from).Append(" --> ").Append(group.Key).Append(": ")
                .AppendJoin(", ", group.Select(a => a.Event).Distinct().Order(StringComparer.Ordinal)).Append('\n');
        }
    }
}

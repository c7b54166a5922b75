namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Small changes of an argument list that naive keys do not notice, and some that no key may notice.</summary>
internal static class KeyMutation
{
    public const int Kinds = 9;

    private static readonly KeyNode[] s_lookAlikes =
    [
        KeyNode.Leaf(KeySample.Null), KeyNode.Leaf(KeySample.Text("")), KeyNode.Leaf(KeySample.Text("null")), KeyNode.Leaf(KeySample.Text("1")),
        KeyNode.Leaf(new KeySample("int", 1, (ref key) => key.Add(1))), KeyNode.Of(NodeKind.List), KeyNode.Of(NodeKind.Set), KeyNode.Of(NodeKind.Object),
    ];

    public static KeyNode[] Apply(int kind, int place, KeyNode[] nodes)
    {
        if (nodes.Length == 0)
        {
            return [s_lookAlikes[place % s_lookAlikes.Length]];
        }

        var at = place % nodes.Length;
        var node = nodes[at];
        return kind switch
        {
            0 => [.. nodes.Select(TurnedRound)],
            1 when node.Children.Length > 0 => [.. nodes[..at], node.Children[0], node with { Children = node.Children[1..] }, .. nodes[(at + 1)..]],
            2 when node.Kind != NodeKind.Leaf && at + 1 < nodes.Length => [.. nodes[..at], node with { Children = [.. node.Children, nodes[at + 1]] }, .. nodes[(at + 2)..]],
            3 when at + 1 < nodes.Length => MoveOneCharacter(nodes, at),
            4 => [.. nodes[..at], s_lookAlikes[place % s_lookAlikes.Length], .. nodes[(at + 1)..]],
            5 when node.Kind != NodeKind.Leaf => [.. nodes[..at], node with { Kind = 1 + (NodeKind)(place % 5) }, .. nodes[(at + 1)..]],
            6 => [.. nodes[..at], .. nodes[(at + 1)..]],
            7 when node.Children.Length > 0 => [.. nodes[..at], node with { Children = Apply(place % Kinds, place / 2, node.Children) }, .. nodes[(at + 1)..]],
            _ => [.. nodes.Reverse()],
        };
    }

    /// <summary>The same value, with everything unordered in another order.</summary>
    private static KeyNode TurnedRound(KeyNode node)
    {
        var children = node.Children.Select(TurnedRound).ToArray();
        return node with
        {
            Children = node.Kind switch
            {
                NodeKind.Set => [.. children.Reverse()],
                NodeKind.Map => [.. children[..(children.Length / 2 * 2)].Chunk(2).Reverse().SelectMany(static pair => pair)],
                _ => children,
            },
        };
    }

    /// <summary>("ab", "c") becomes ("a", "bc").</summary>
    private static KeyNode[] MoveOneCharacter(KeyNode[] nodes, int at)
    {
        if (nodes[at].Value.Identity is not string { Length: > 0 } left || nodes[at].Value.Kind != "string")
        {
            return nodes;
        }

        var right = nodes[at + 1].Value is { Kind: "string", Identity: string text } ? text : "";
        return
        [
            .. nodes[..at], KeyNode.Leaf(KeySample.Text(left[..^1])), KeyNode.Leaf(KeySample.Text(left[^1] + right)), .. nodes[(at + 2)..],
        ];
    }
}

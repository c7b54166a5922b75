using FsCheck;
using FsCheck.Fluent;
using Idempotency.Keys;

namespace Idempotency.Runtime.Tests.Keys;

internal enum NodeKind
{
    Leaf,
    Object,
    List,
    Set,
    Map,
    Part,
}

/// <summary>A nested argument, and what it means to be the same one, said without bytes.</summary>
internal sealed record KeyNode(NodeKind Kind, KeySample Value, KeyNode[] Children) : IIdempotencyKeyPart
{
    public static KeyNode Leaf(KeySample value) => new(NodeKind.Leaf, value, []);

    public static KeyNode Of(NodeKind kind, params KeyNode[] children) => new(kind, KeySample.Null, children);

    public static Gen<KeyNode> Any { get; } = Nodes(3);

    public static Gen<KeyNode[]> Sequences { get; } = Any.ArrayOf().ScaleSize(static size => Math.Min(size, 4));

    public void Write(ref KeyWriter key)
    {
        switch (Kind)
        {
            case NodeKind.Leaf:
                Value.Write(ref key);
                break;
            case NodeKind.Object:
                key.BeginObject(Children.Length);
                WriteAll(ref key, Children);
                break;
            case NodeKind.List:
                key.AddList(Children, WriteNode);
                break;
            case NodeKind.Set:
                key.AddSet(Children, WriteNode);
                break;
            case NodeKind.Map:
                key.AddMap(Entries(), WriteNode, WriteNode);
                break;
            default:
                key.AddPart(this);
                break;
        }
    }

    public void WriteTo(ref KeyWriter key) => WriteAll(ref key, Children);

    public bool Same(KeyNode other) => Kind == other.Kind && Kind switch
    {
        NodeKind.Leaf => Value.Same(other.Value),
        NodeKind.Set => SameInAnyOrder(Children, other.Children, static (left, right) => left.Same(right)),
        NodeKind.Map => SameInAnyOrder(
            Entries(), other.Entries(), static (left, right) => left.Key.Same(right.Key) && left.Value.Same(right.Value)),
        _ => Same(Children, other.Children),
    };

    public static bool Same(KeyNode[] left, KeyNode[] right) =>
        left.Length == right.Length && left.Zip(right).All(static pair => pair.First.Same(pair.Second));

    public static byte[] Bytes(KeyNode[] nodes) => TestKeys.Bytes((ref key) => WriteAll(ref key, nodes));

    public override string ToString() => Kind == NodeKind.Leaf ? Value.ToString() : $"{Kind}[{string.Join(", ", (object[])Children)}]";

    private static void WriteAll(ref KeyWriter key, KeyNode[] nodes)
    {
        foreach (var node in nodes)
        {
            node.Write(ref key);
        }
    }

    private static void WriteNode(ref KeyWriter key, KeyNode node) => node.Write(ref key);

    /// <summary>Children two by two; an odd last one is dropped.</summary>
    private KeyValuePair<KeyNode, KeyNode>[] Entries() =>
        [.. Children.Chunk(2).Where(static pair => pair.Length == 2).Select(static pair => KeyValuePair.Create(pair[0], pair[1]))];

    private static bool SameInAnyOrder<T>(T[] left, T[] right, Func<T, T, bool> same) =>
        left.Length == right.Length && left.All(item => left.Count(other => same(item, other)) == right.Count(other => same(item, other)));

    private static Gen<KeyNode> Nodes(int depth)
    {
        var leaf = KeySamples.Any.Select(Leaf);
        return depth == 0
            ? leaf
            : Gen.Frequency(
                (3, leaf),
                (2, Gen.Elements(NodeKind.Object, NodeKind.List, NodeKind.Set, NodeKind.Map, NodeKind.Part)
                    .Zip(Nodes(depth - 1).ArrayOf().ScaleSize(static size => Math.Min(size, 4)), Of)));
    }
}

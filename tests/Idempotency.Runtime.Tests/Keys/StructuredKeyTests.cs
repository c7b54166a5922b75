using FsCheck.Fluent;
using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Argument lists are told apart at every boundary, and only order that does not count is forgiven.</summary>
public sealed class StructuredKeyTests
{
    [Fact]
    public void Argument_lists_share_bytes_exactly_when_they_are_equal_after_a_small_change()
    {
        var (equal, different) = (0, 0);
        var changed = KeyNode.Sequences.Zip(Gen.Choose(0, KeyMutation.Kinds - 1).Zip(Gen.Choose(0, 1000)));

        Properties.Hold(30_000, changed, pair =>
        {
            var (left, (kind, place)) = pair;
            var right = KeyMutation.Apply(kind, place, left);
            var same = KeyNode.Same(left, right);
            (equal, different) = same ? (equal + 1, different) : (equal, different + 1);
            return same == KeyNode.Bytes(left).AsSpan().SequenceEqual(KeyNode.Bytes(right));
        });

        Assert.True(equal > 1000 && different > 10_000, $"Only {equal} equal and {different} different pairs were drawn.");
    }

    [Fact]
    public void Argument_lists_drawn_independently_share_bytes_exactly_when_they_are_equal() =>
        Properties.Hold(20_000, KeyNode.Sequences.Zip(KeyNode.Sequences), static pair =>
            KeyNode.Same(pair.Item1, pair.Item2) == KeyNode.Bytes(pair.Item1).AsSpan().SequenceEqual(KeyNode.Bytes(pair.Item2)));

    [Fact]
    public void No_value_begins_with_all_of_another_so_that_a_list_can_be_cut_in_one_way_only() =>
        Properties.Hold(10_000, KeyNode.Any.Zip(KeyNode.Any), static pair =>
            pair.Item1.Same(pair.Item2) || !KeyNode.Bytes([pair.Item1]).AsSpan().StartsWith(KeyNode.Bytes([pair.Item2])));

    [Fact]
    public void Separators_in_text_separate_nothing()
    {
        string?[][] lists =
        [
            ["a:b", "c"], ["a", "b:c"], ["a", "b", "c"], ["a:b:c"], ["", "a:b:c"], ["a:b:c", ""], ["a=b&c=d"], ["a=b", "c=d"],
            ["a=b&a=c", "a=d"], ["a=b", "a=c&a=d"], [], [""], [null], [null, ""], ["", null], ["", ""],
        ];

        Assert.Equal(lists.Length, lists.Select(static list => TestKeys.Hex((ref key) => AddAll(ref key, list))).Distinct().Count());
    }

    [Fact]
    public void Lists_and_their_elements_side_by_side_differ()
    {
        TestKeys.Writing[] shapes =
        [
            (ref key) => AddAll(ref key, "a", "b"),
            (ref key) => key.AddList<string>(["a", "b"], Text),
            (ref key) => key.AddSet<string>(["a", "b"], Text),
            (ref key) => key.AddMap(new Dictionary<string, string> { ["a"] = "b" }, Text, Text),
            (ref key) =>
            {
                key.AddList<string>(["a"], Text);
                key.Add("b");
            },
            (ref key) =>
            {
                key.BeginObject(2);
                AddAll(ref key, "a", "b");
            },
            (ref key) => key.AddList<string[]>([["a", "b"]], static (ref inner, items) => inner.AddList(items, Text)),
            (ref key) => key.AddList<string[]>([["a"], ["b"]], static (ref inner, items) => inner.AddList(items, Text)),
        ];

        Assert.Equal(shapes.Length, shapes.Select(TestKeys.Hex).Distinct().Count());
    }

    private static void AddAll(ref KeyWriter key, params string?[] values)
    {
        foreach (var value in values)
        {
            key.Add(value);
        }
    }

    private static void Text(ref KeyWriter key, string value) => key.Add(value);
}

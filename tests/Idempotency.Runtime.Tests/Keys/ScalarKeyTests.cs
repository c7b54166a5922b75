using FsCheck.Fluent;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Two values have the same bytes exactly when they are the same value, wherever and in whatever type.</summary>
public sealed class ScalarKeyTests
{
    public static TheoryData<string> Kinds => [.. KeySamples.ByKind.Keys];

    [Theory, MemberData(nameof(Kinds))]
    public void Values_of_one_type_share_bytes_exactly_when_they_are_equal_in_any_two_cultures(string kind)
    {
        var (equal, different) = (0, 0);
        var value = KeySamples.ByKind[kind];
        var nullable = Gen.Frequency((1, Gen.Constant(KeySample.Null)), (15, value));

        Properties.Hold(4000, nullable.Zip(nullable).Zip(Properties.Culture.Zip(Properties.Culture)), pair =>
        {
            var ((left, right), (here, there)) = pair;
            var same = left.Same(right);
            (equal, different) = same ? (equal + 1, different) : (equal, different + 1);
            return same == Properties.BytesIn(here, left.Write).AsSpan().SequenceEqual(Properties.BytesIn(there, right.Write));
        });

        Assert.True(equal >= 15 && different >= 15, $"Only {equal} equal and {different} different pairs were drawn.");
    }

    [Fact]
    public void A_value_of_one_type_never_has_the_bytes_of_another() =>
        Properties.Hold(20_000, KeySamples.Any.Zip(KeySamples.Any), static pair =>
            pair.Item1.Same(pair.Item2) == TestKeys.Bytes(pair.Item1.Write).AsSpan().SequenceEqual(TestKeys.Bytes(pair.Item2.Write)));

    [Fact]
    public void One_and_its_look_alikes_are_all_different()
    {
        TestKeys.Writing[] ones =
        [
            (ref key) => key.Add(1), (ref key) => key.Add(1u), (ref key) => key.Add(1L), (ref key) => key.Add(1m), (ref key) => key.Add(1.0),
            (ref key) => key.Add((byte)1), (ref key) => key.Add("1"), (ref key) => key.Add('1'), (ref key) => key.Add(true), (ref key) => key.Add("True"),
            (ref key) => key.AddNull(), (ref key) => key.Add(""), (ref key) => key.Add("null"), (ref key) => key.Add("\0"), (ref key) => key.Add(Array.Empty<byte>()),
            (ref key) => key.BeginObject(0), (ref key) => key.AddList<int>([], static (ref inner, item) => inner.Add(item)),
        ];

        Assert.Equal(ones.Length, ones.Select(TestKeys.Hex).Distinct().Count());
    }

    [Fact]
    public void Equal_values_share_bytes_however_they_are_written()
    {
        Assert.Equal(TestKeys.Hex((ref key) => key.Add(1.0m)), TestKeys.Hex((ref key) => key.Add(1.00m)));
        Assert.Equal(TestKeys.Hex((ref key) => key.Add(0.0)), TestKeys.Hex((ref key) => key.Add(-0.0)));
        Assert.Equal(TestKeys.Hex((ref key) => key.Add(double.NaN)), TestKeys.Hex((ref key) => key.Add(-double.NaN)));
        Assert.Equal(
            TestKeys.Hex((ref key) => key.Add(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))),
            TestKeys.Hex((ref key) => key.Add(new DateTimeOffset(2026, 1, 1, 14, 0, 0, TimeSpan.FromHours(2)))));
        Assert.Equal(
            TestKeys.Hex((ref key) => key.AddSet<string>(["b", "a", "c"], Text)),
            TestKeys.Hex((ref key) => key.AddSet<string>(new HashSet<string> { "c", "b", "a" }, Text)));
        Assert.Equal(
            TestKeys.Hex((ref key) => key.AddMap(new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" }, Text, Text)),
            TestKeys.Hex((ref key) => key.AddMap(new SortedDictionary<string, string>(Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a))) { ["y"] = "2", ["x"] = "1" }, Text, Text)));
    }

    [Fact]
    public void Unicode_forms_cases_and_half_pairs_stay_different()
    {
        string[] texts = ["\u00e9", "e\u0301", "E\u0301", "i", "I", "\u0130", "\u0131", "\ud83d", "\ude00", "\ude00\ud83d", "\ud83d\ude00", "\ufffd", "\ufffd\ufffd", " ", "", "\0"];

        Assert.Equal(texts.Length, texts.Select(static text => TestKeys.Hex((ref key) => key.Add(text))).Distinct().Count());
    }

    private static void Text(ref Idempotency.Keys.KeyWriter key, string value) => key.Add(value);
}

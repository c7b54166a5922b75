using System.Globalization;
using System.Numerics;
using System.Text;
using Idempotency.Keys;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>One of every value a key can be made of, at its edges, each under the name the frozen file knows it by.</summary>
internal static class GoldenValues
{
    public static IReadOnlyList<(string Name, TestKeys.Writing Write)> All { get; } = NameAll();

    private static List<(string, TestKeys.Writing)> NameAll()
    {
        using var _ = new CultureScope("");
        return [.. Numbers(), .. Reals(), .. Texts(), .. Moments(), .. Composites()];
    }

    private static IEnumerable<(string, TestKeys.Writing)> Numbers()
    {
        yield return ("null", (ref key) => key.AddNull());
        yield return ("bool false", (ref key) => key.Add(false));
        yield return ("bool true", (ref key) => key.Add(true));
        foreach (var value in new sbyte[] { sbyte.MinValue, -1, 0, sbyte.MaxValue })
        {
            yield return ($"sbyte {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new byte[] { 0, 1, byte.MaxValue })
        {
            yield return ($"byte {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new short[] { short.MinValue, -1, 0, short.MaxValue })
        {
            yield return ($"short {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new ushort[] { 0, 1, ushort.MaxValue })
        {
            yield return ($"ushort {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { int.MinValue, -1, 0, 1, int.MaxValue })
        {
            yield return ($"int {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new uint[] { 0, 1, uint.MaxValue })
        {
            yield return ($"uint {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { long.MinValue, -1, 0, 1, long.MaxValue })
        {
            yield return ($"long {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new ulong[] { 0, 1, ulong.MaxValue })
        {
            yield return ($"ulong {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { Int128.MinValue, -1, 0, Int128.MaxValue })
        {
            yield return ($"Int128 {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { UInt128.Zero, UInt128.One, UInt128.MaxValue })
        {
            yield return ($"UInt128 {value}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { BigInteger.Zero, -1, 127, 128, -128, BigInteger.Pow(2, 200), -BigInteger.Pow(2, 200) })
        {
            yield return ($"BigInteger {value}", (ref key) => key.Add(value));
        }
    }

    private static IEnumerable<(string, TestKeys.Writing)> Reals()
    {
        foreach (var value in new[] { Half.Zero, Half.NegativeZero, Half.One, Half.Epsilon, Half.MinValue, Half.MaxValue, Half.NaN, Half.PositiveInfinity, Half.NegativeInfinity })
        {
            yield return ($"Half {Say(value)}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { 0f, -0f, 1f, float.Epsilon, float.MinValue, float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            yield return ($"float {Say(value)}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { 0d, -0d, 1d, 0.1, double.Epsilon, double.MinValue, double.MaxValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return ($"double {Say(value)}", (ref key) => key.Add(value));
        }

        yield return ("decimal minus zero", (ref key) => key.Add(new decimal(0, 0, 0, isNegative: true, scale: 2)));
        foreach (var value in new[]
                 {
                     0m, 0.00m, 1m, 1.0m, 1.00m, -1m, 10m, 100.00m, 0.1m, 12.340m, decimal.MinValue, decimal.MaxValue, 0.0000000000000000000000000001m,
                     7922816251426433759354395033.5m, 1.0000000000000000000000000000m,
                 })
        {
            yield return ($"decimal {Say(value)}", (ref key) => key.Add(value));
        }
    }

    private static IEnumerable<(string, TestKeys.Writing)> Texts()
    {
        foreach (var value in new[] { '\0', 'a', 'ß', '\ud800', '\uffff' })
        {
            yield return ($"char U+{(int)value:X4}", (ref key) => key.Add(value));
        }

        foreach (var value in new[] { 0, 'a', 0x10ffff })
        {
            yield return ($"Rune U+{value:X4}", (ref key) => key.Add(new Rune(value)));
        }

        yield return ("string null", (ref key) => key.Add((string?)null));
        foreach (var (name, value) in new[]
                 {
                     ("empty", ""), ("space", " "), ("NUL", "\0"), ("a", "a"), ("A", "A"), ("null, the word", "null"),
                     ("e-acute composed", "\u00e9"), ("e-acute decomposed", "e\u0301"), ("dotted I", "\u0130"), ("dotless i", "\u0131"), ("Arabic digits", "\u0661\u0662"),
                     ("pair", "\U0001f600"), ("high surrogate alone", "\ud83d"), ("low surrogate alone", "\ude00"), ("pair turned round", "\ude00\ud83d"), ("replacement", "\ufffd"),
                 })
        {
            yield return ($"string {name}", (ref key) => key.Add(value));
        }

        yield return ("string of 300 x", (ref key) => key.Add(new string('x', 300)));
        yield return ("bytes null", (ref key) => key.Add((byte[]?)null));
        yield return ("bytes empty", (ref key) => key.Add(Array.Empty<byte>()));
        yield return ("bytes 00 ff", (ref key) => key.Add(new byte[] { 0, 255 }));
        yield return ("span 00 ff", (ref key) => key.Add((ReadOnlySpan<byte>)[0, 255]));
        yield return ("Guid empty", (ref key) => key.Add(Guid.Empty));
        yield return ("Guid 00112233-4455-6677-8899-aabbccddeeff", (ref key) => key.Add(new Guid("00112233-4455-6677-8899-aabbccddeeff")));
        yield return ("Uri null", (ref key) => key.Add((Uri?)null));
        foreach (var value in new[] { "http://EXAMPLE.com:80/a/../b?q=%41", "relative/path", "http://müller.de/" })
        {
            yield return ($"Uri {value}", (ref key) => key.Add(new Uri(value, UriKind.RelativeOrAbsolute)));
        }

        yield return ("Version null", (ref key) => key.Add((Version?)null));
        foreach (var value in new[] { "1.0", "1.0.0", "1.0.0.0", "1.2.3.4" })
        {
            yield return ($"Version {value}", (ref key) => key.Add(Version.Parse(value)));
        }

        foreach (var type in new[] { typeof(int), typeof(List<string>), typeof(Dictionary<int, string[]>), typeof(Environment.SpecialFolder) })
        {
            yield return ($"type {type}", (ref key) => key.AddType(type));
        }
    }

    private static IEnumerable<(string, TestKeys.Writing)> Moments()
    {
        foreach (var kind in Enum.GetValues<DateTimeKind>())
        {
            yield return ($"DateTime {kind} 2026-03-29T02:30", (ref key) => key.Add(new DateTime(2026, 3, 29, 2, 30, 0, kind)));
        }

        yield return ("DateTime first", (ref key) => key.Add(DateTime.MinValue));
        yield return ("DateTime last", (ref key) => key.Add(DateTime.MaxValue));
        yield return ("DateTimeOffset 2026-03-29T02:30+02:00", (ref key) => key.Add(new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2))));
        yield return ("DateTimeOffset 2026-03-29T00:30Z", (ref key) => key.Add(new DateTimeOffset(2026, 3, 29, 0, 30, 0, TimeSpan.Zero)));
        yield return ("DateTimeOffset first", (ref key) => key.Add(DateTimeOffset.MinValue));
        yield return ("DateTimeOffset last", (ref key) => key.Add(DateTimeOffset.MaxValue));
        yield return ("DateOnly first", (ref key) => key.Add(DateOnly.MinValue));
        yield return ("DateOnly 2026-03-29", (ref key) => key.Add(new DateOnly(2026, 3, 29)));
        yield return ("DateOnly last", (ref key) => key.Add(DateOnly.MaxValue));
        yield return ("TimeOnly first", (ref key) => key.Add(TimeOnly.MinValue));
        yield return ("TimeOnly 02:30", (ref key) => key.Add(new TimeOnly(2, 30)));
        yield return ("TimeOnly last", (ref key) => key.Add(TimeOnly.MaxValue));
        foreach (var value in new[] { TimeSpan.MinValue, TimeSpan.FromTicks(-1), TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.MaxValue })
        {
            yield return ($"TimeSpan {value.Ticks}", (ref key) => key.Add(value));
        }
    }

    private static IEnumerable<(string, TestKeys.Writing)> Composites()
    {
        yield return ("object of 0", (ref key) => key.BeginObject(0));
        yield return ("object (1, a)", (ref key) =>
        {
            key.BeginObject(2);
            key.Add(1);
            key.Add("a");
        });
        yield return ("object ((1), a)", (ref key) =>
        {
            key.BeginObject(2);
            key.BeginObject(1);
            key.Add(1);
            key.Add("a");
        });
        yield return ("object of its type", (ref key) => key.BeginObject(new GoldenPart("a"), typeof(GoldenPart), 0));
        yield return ("list null", (ref key) => key.AddList<int>(null, Int));
        yield return ("list empty", (ref key) => key.AddList<int>([], Int));
        yield return ("list 2 1 2", (ref key) => key.AddList<int>([2, 1, 2], Int));
        yield return ("list of lists (1) ()", (ref key) => key.AddList<int[]>([[1], []], (ref inner, items) => inner.AddList<int>(items, Int)));
        yield return ("list a null empty", (ref key) => key.AddList<string?>(["a", null, ""], Text));
        yield return ("set null", (ref key) => key.AddSet<int>(null, Int));
        yield return ("set empty", (ref key) => key.AddSet<int>([], Int));
        yield return ("set 3 1 2", (ref key) => key.AddSet<int>([3, 1, 2], Int));
        yield return ("set b aa null", (ref key) => key.AddSet<string?>(["b", "aa", null], Text));
        yield return ("map null", (ref key) => key.AddMap<string, int>(null, Text, Int));
        yield return ("map empty", (ref key) => key.AddMap(new Dictionary<string, int>(), Text, Int));
        yield return ("map b=1 a=2", (ref key) => key.AddMap(new Dictionary<string, int> { ["b"] = 1, ["a"] = 2 }, Text, Int));
        yield return ("part null", (ref key) => key.AddPart<GoldenPart>(null));
        yield return ("part a", (ref key) => key.AddPart(new GoldenPart("a")));
        yield return ("part of parts", (ref key) => key.AddPart(new GoldenPart("a", new GoldenPart("b"))));
        yield return ("part value without parts", (ref key) => key.AddPart(default(EmptyPart)));
        yield return ("several 1 a null", (ref key) =>
        {
            key.Add(1);
            key.Add("a");
            key.AddNull();
        });
    }

    private static void Int(ref KeyWriter key, int value) => key.Add(value);

    private static void Text(ref KeyWriter key, string? value) => key.Add(value);

    private static string Say(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}

internal sealed record GoldenPart(string Name, GoldenPart? Inner = null) : IIdempotencyKeyPart
{
    public void WriteTo(ref KeyWriter key)
    {
        key.Add(Name);
        key.AddPart(Inner);
    }
}

internal readonly struct EmptyPart : IIdempotencyKeyPart
{
    public void WriteTo(ref KeyWriter key)
    {
    }
}

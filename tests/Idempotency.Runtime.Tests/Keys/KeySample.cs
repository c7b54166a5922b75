using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>A value, how it is added to a key, and what it is by the platform's own equality.</summary>
internal sealed record KeySample(string Kind, object? Identity, TestKeys.Writing Write)
{
    public static KeySample Null { get; } = new("null", null, (ref key) => key.AddNull());

    public bool Same(KeySample other) => Kind == other.Kind && Equals(Identity, other.Identity);

    public static KeySample Text(string? value) => value is null ? Null : new("string", value, (ref key) => key.Add(value));

    public override string ToString() => $"{Kind} {Identity} ({TestKeys.Hex(Write)})";
}

/// <summary>Values of every kind, drawn so that equal ones, neighbours and the edges come up often.</summary>
internal static class KeySamples
{
    /// <summary>Characters that separators, cultures, normal forms and half pairs go wrong with.</summary>
    private static readonly Gen<string> s_text = Gen.Elements('a', 'b', ':', '|', '\0', '"', 'I', 'i', '\u0130', '\u0131', '\u00e9', 'e', '\u0301', '\ud83d', '\ude00', '\ufffd', '1')
        .ArrayOf().ScaleSize(static size => size / 20).Select(static chars => new string(chars));

    private static readonly Gen<long> s_long = Gen.OneOf(
        Gen.Choose(-3, 3).Select(static value => (long)value),
        Gen.Elements(long.MinValue, long.MaxValue, int.MaxValue, int.MinValue, short.MaxValue, byte.MaxValue, 128, 256),
        Gen.Two(Gen.Choose(int.MinValue, int.MaxValue)).Select(static pair => ((long)pair.Item1 << 32) ^ pair.Item2));

    private static readonly Gen<double> s_double = Gen.OneOf(
        Gen.Elements(0.0, -0.0, 1.0, double.NaN, -double.NaN, BitConverter.Int64BitsToDouble(0x7ff0000000000001), double.Epsilon, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity),
        s_long.Select(BitConverter.Int64BitsToDouble),
        s_long.Select(static value => value / 8.0));

    /// <summary>Small numbers in every scale, so that one amount has many faces.</summary>
    private static readonly Gen<decimal> s_decimal = Gen.OneOf(
        Gen.Choose(-20, 20).Zip(Gen.Choose(0, 6), static (value, zeros) => Rescaled(value, zeros)),
        Gen.Choose(-2000, 2000).Zip(Gen.Choose(0, 28), static (value, scale) => new decimal(Math.Abs(value), 0, 0, value < 0, (byte)scale)),
        s_long.Zip(s_long, static (low, high) => new decimal((int)low, (int)(low >> 32), (int)high, high < 0, (byte)(ulong)(high % 29 < 0 ? -(high % 29) : high % 29))),
        Gen.Elements(decimal.MaxValue, decimal.MinValue, 0m, 0.0m, new decimal(0, 0, 0, true, 5)));

    private static readonly Gen<long> s_ticks = Gen.OneOf(
        Gen.Elements(0L, DateTime.MaxValue.Ticks, new DateTime(2026, 3, 29, 2, 30, 0).Ticks),
        Gen.Choose(0, 5).Select(static half => new DateTime(2026, 3, 29).Ticks + (half * TimeSpan.TicksPerHour / 2)),
        s_long.Select(static value => (long)((ulong)value % (ulong)DateTime.MaxValue.Ticks)));

    public static IReadOnlyDictionary<string, Gen<KeySample>> ByKind { get; } = new[]
    {
        Of("bool", Gen.Elements(true, false), static value => (ref key) => key.Add(value)),
        Of("sbyte", s_long.Select(static value => (sbyte)value), static value => (ref key) => key.Add(value)),
        Of("byte", s_long.Select(static value => (byte)value), static value => (ref key) => key.Add(value)),
        Of("short", s_long.Select(static value => (short)value), static value => (ref key) => key.Add(value)),
        Of("ushort", s_long.Select(static value => (ushort)value), static value => (ref key) => key.Add(value)),
        Of("int", s_long.Select(static value => (int)value), static value => (ref key) => key.Add(value)),
        Of("uint", s_long.Select(static value => (uint)value), static value => (ref key) => key.Add(value)),
        Of("long", s_long, static value => (ref key) => key.Add(value)),
        Of("ulong", s_long.Select(static value => (ulong)value), static value => (ref key) => key.Add(value)),
        Of("Int128", s_long.Zip(s_long, static (high, low) => new Int128((ulong)high, (ulong)low)), static value => (ref key) => key.Add(value)),
        Of("UInt128", s_long.Zip(s_long, static (high, low) => new UInt128((ulong)high, (ulong)low)), static value => (ref key) => key.Add(value)),
        Of("BigInteger", s_long.Zip(Gen.Choose(0, 3), static (value, power) => BigInteger.Pow(value, power)), static value => (ref key) => key.Add(value)),
        Of("Half", s_double.Select(static value => (Half)value), static value => (ref key) => key.Add(value)),
        Of("float", s_double.Select(static value => (float)value), static value => (ref key) => key.Add(value)),
        Of("double", s_double, static value => (ref key) => key.Add(value)),
        Of("decimal", s_decimal, static value => (ref key) => key.Add(value)),
        Of("char", s_long.Select(static value => (char)value), static value => (ref key) => key.Add(value)),
        Of("Rune", Gen.Elements(0, 'a', 0xd7ff, 0xe000, 0x1f600, 0x10ffff).Select(static value => new Rune(value)), static value => (ref key) => key.Add(value)),
        ("string", s_text.Select(KeySample.Text)),
        ("bytes", s_text.Select(static text => Encoding.Unicode.GetBytes(text)).Select(static value => new KeySample("bytes", Convert.ToHexString(value), (ref key) => key.Add(value)))),
        Of("Guid", s_long.Zip(s_long, static (a, b) => new Guid([.. BitConverter.GetBytes(a), .. BitConverter.GetBytes(b)])), static value => (ref key) => key.Add(value)),
        Of("DateTime", s_ticks.Zip(Gen.Elements(Enum.GetValues<DateTimeKind>()), static (ticks, kind) => new DateTime(ticks, kind)),
            static value => (ref key) => key.Add(value), static value => (value.Ticks, value.Kind)),
        Of("DateTimeOffset", s_ticks.Zip(Gen.Choose(-28, 28), Offset), static value => (ref key) => key.Add(value)),
        Of("DateOnly", s_ticks.Select(static ticks => DateOnly.FromDateTime(new DateTime(ticks))), static value => (ref key) => key.Add(value)),
        Of("TimeOnly", s_ticks.Select(static ticks => TimeOnly.FromDateTime(new DateTime(ticks))), static value => (ref key) => key.Add(value)),
        Of("TimeSpan", s_long.Select(TimeSpan.FromTicks), static value => (ref key) => key.Add(value)),
        Of("Uri", Gen.Elements("http://a/", "http://A/", "http://a:80/", "http://a/?q=1&r=2", "http://a/?r=2&q=1", "b", "b/", "%41", "A", "é").Select(static text => new Uri(text, UriKind.RelativeOrAbsolute)),
            static value => (ref key) => key.Add(value), static value => value.OriginalString),
        Of("Version", Gen.Elements("0.0", "0.0.0", "0.0.0.0", "1.2", "1.2.0", "2.1").Select(Version.Parse), static value => (ref key) => key.Add(value)),
    }.ToDictionary(static kind => kind.Item1, static kind => kind.Item2);

    public static Gen<KeySample> Any { get; } = Gen.Frequency((1, Gen.Constant(KeySample.Null)), (4, ByKind["string"]), (10, Gen.OneOf(ByKind.Values)));

    private static (string, Gen<KeySample>) Of<T>(string kind, Gen<T> values, Func<T, TestKeys.Writing> write, Func<T, object>? identity = null)
        where T : notnull =>
        (kind, values.Select(value => new KeySample(kind, identity is null ? value : identity(value), write(value))));

    private static decimal Rescaled(int value, int zeros)
    {
        var one = 1m;
        for (var i = 0; i < zeros; i++)
        {
            one *= 1.0m;
        }

        return value * one;
    }

    private static DateTimeOffset Offset(long utcTicks, int halfHours)
    {
        var offset = TimeSpan.FromMinutes(30 * halfHours);
        var local = utcTicks + offset.Ticks;
        return local < 0 || local > DateTime.MaxValue.Ticks ? new DateTimeOffset(utcTicks, TimeSpan.Zero) : new DateTimeOffset(local, offset);
    }
}

using System.Globalization;
using Idempotency.Keys;
using Idempotency.Runtime.Tests.Repository;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>
/// What keys are made of is stored, and so it is an API: the bytes in the file beside this one never change. A new kind of value
/// gets new lines; nothing here ever writes an old one anew.
/// </summary>
public sealed class GoldenKeyTests
{
    private const string FrozenFile = "tests/Idempotency.Runtime.Tests/Keys/GoldenKeys.v1.txt";

    [Theory]
    [InlineData("")]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void Every_value_has_the_bytes_it_always_had_in_every_culture(string culture)
    {
        var frozen = Frozen();
        using var _ = new CultureScope(culture);

        foreach (var (name, write) in GoldenValues.All)
        {
            var hex = TestKeys.Hex(write);
            Assert.True(frozen.TryGetValue(name, out var expected), $"{FrozenFile} has no line for '{name}'. Add: {name} = {hex}");
            Assert.True(expected == hex, $"The bytes of '{name}' changed: every stored key that has one is lost.\nfrozen: {expected}\nnow:    {hex}");
        }
    }

    [Fact]
    public void Every_frozen_value_is_still_written()
    {
        var names = GoldenValues.All.Select(static value => value.Name).ToList();

        Assert.Equal(names.Distinct(), names);
        Assert.Empty(Frozen().Keys.Except(names));
    }

    [Fact]
    public void Every_member_that_adds_a_value_has_a_frozen_one()
    {
        var kinds = GoldenValues.All.Select(static value => value.Name.Split(' ')[0]).ToHashSet();
        var missing = typeof(KeyWriter).GetMethods()
            .Where(static method => method.Name == nameof(KeyWriter.Add))
            .Select(static method => method.GetParameters()[0].ParameterType)
            .Select(static type => s_aliases.GetValueOrDefault(type, type.Name))
            .Where(kind => !kinds.Contains(kind));

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void The_size_of_the_first_buffer_does_not_matter(int size)
    {
        foreach (var (name, write) in GoldenValues.All)
        {
            Assert.True(TestKeys.Bytes(write, size).AsSpan().SequenceEqual(TestKeys.Bytes(write)), name);
        }
    }

    [Fact]
    public void The_header_of_an_operation_never_changes()
    {
        Assert.Equal(
            "426b52e08b7a9bac839e365450caa904daa76b678e50dc1bc5f5c83f848790b9", // SHA-256 of the schema line
            Convert.ToHexStringLower(new IdempotentOperation<int>("billing.charge", 2, "billing.charge v2: userId:i32").KeyHeader));
    }

    private static readonly Dictionary<Type, string> s_aliases = new()
    {
        [typeof(bool)] = "bool", [typeof(sbyte)] = "sbyte", [typeof(byte)] = "byte", [typeof(short)] = "short", [typeof(ushort)] = "ushort",
        [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float",
        [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(char)] = "char", [typeof(string)] = "string",
        [typeof(byte[])] = "bytes", [typeof(ReadOnlySpan<byte>)] = "span",
    };

    private static Dictionary<string, string> Frozen() =>
        File.ReadLines(Repo.Path(FrozenFile))
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => line.Split(" = "))
            .ToDictionary(static parts => parts[0], static parts => parts[1]);
}

/// <summary>Runs the code in its scope in a culture.</summary>
internal sealed class CultureScope : IDisposable
{
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture;

    public CultureScope(string culture) => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);

    public void Dispose() => (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (_culture, _uiCulture);
}

using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>The framework's types that have a value identity, and the codes that stand for them in a schema. Codes never change.</summary>
internal static class ValueTypes
{
    private static readonly Dictionary<string, string> s_codes = new(StringComparer.Ordinal)
    {
        ["System.Boolean"] = "bool",
        ["System.SByte"] = "i8",
        ["System.Byte"] = "u8",
        ["System.Int16"] = "i16",
        ["System.UInt16"] = "u16",
        ["System.Int32"] = "i32",
        ["System.UInt32"] = "u32",
        ["System.Int64"] = "i64",
        ["System.UInt64"] = "u64",
        ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint",
        ["System.Int128"] = "i128",
        ["System.UInt128"] = "u128",
        ["System.Numerics.BigInteger"] = "big",
        ["System.Half"] = "f16",
        ["System.Single"] = "f32",
        ["System.Double"] = "f64",
        ["System.Decimal"] = "dec",
        ["System.Char"] = "char",
        ["System.Text.Rune"] = "rune",
        ["System.String"] = "str",
        ["System.Guid"] = "guid",
        ["System.DateTime"] = "dt",
        ["System.DateTimeOffset"] = "dto",
        ["System.DateOnly"] = "date",
        ["System.TimeOnly"] = "time",
        ["System.TimeSpan"] = "span",
        ["System.Uri"] = "uri",
        ["System.Version"] = "version",
    };

    private static readonly Dictionary<string, CollectionKind> s_lists = new(StringComparer.Ordinal)
    {
        ["System.Collections.Generic.List`1"] = CollectionKind.Enumerable,
        ["System.Collections.Generic.IList`1"] = CollectionKind.Enumerable,
        ["System.Collections.Generic.IReadOnlyList`1"] = CollectionKind.Enumerable,
        ["System.Collections.Generic.LinkedList`1"] = CollectionKind.Enumerable,
        ["System.Collections.Generic.Queue`1"] = CollectionKind.Enumerable,
        ["System.Collections.ObjectModel.Collection`1"] = CollectionKind.Enumerable,
        ["System.Collections.ObjectModel.ReadOnlyCollection`1"] = CollectionKind.Enumerable,
        ["System.Collections.Immutable.ImmutableList`1"] = CollectionKind.Enumerable,
        ["System.Collections.Immutable.IImmutableList`1"] = CollectionKind.Enumerable,
        ["System.Collections.Immutable.ImmutableArray`1"] = CollectionKind.ImmutableArray,
        ["System.ReadOnlyMemory`1"] = CollectionKind.Memory,
        ["System.Memory`1"] = CollectionKind.Memory,
        ["System.ArraySegment`1"] = CollectionKind.ArraySegment,
    };

    private static readonly HashSet<string> s_sets = new(StringComparer.Ordinal)
    {
        "System.Collections.Generic.HashSet`1",
        "System.Collections.Generic.ISet`1",
        "System.Collections.Generic.IReadOnlySet`1",
        "System.Collections.Generic.SortedSet`1",
        "System.Collections.Immutable.ImmutableHashSet`1",
        "System.Collections.Immutable.ImmutableSortedSet`1",
        "System.Collections.Immutable.IImmutableSet`1",
        "System.Collections.Frozen.FrozenSet`1",
    };

    private static readonly HashSet<string> s_maps = new(StringComparer.Ordinal)
    {
        "System.Collections.Generic.Dictionary`2",
        "System.Collections.Generic.IDictionary`2",
        "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.Generic.SortedDictionary`2",
        "System.Collections.Generic.SortedList`2",
        "System.Collections.Concurrent.ConcurrentDictionary`2",
        "System.Collections.Immutable.ImmutableDictionary`2",
        "System.Collections.Immutable.ImmutableSortedDictionary`2",
        "System.Collections.Immutable.IImmutableDictionary`2",
        "System.Collections.Frozen.FrozenDictionary`2",
        "System.Collections.ObjectModel.ReadOnlyDictionary`2",
    };

    public static string? CodeOf(ITypeSymbol type) =>
        type is INamedTypeSymbol { IsGenericType: false } named && s_codes.TryGetValue(Names.Metadata(named), out var code) ? code : null;

    public static CollectionKind? ListKindOf(INamedTypeSymbol type) =>
        s_lists.TryGetValue(Names.Metadata(type), out var kind) ? kind : null;

    public static bool IsSet(INamedTypeSymbol type) => s_sets.Contains(Names.Metadata(type));

    public static bool IsMap(INamedTypeSymbol type) => s_maps.Contains(Names.Metadata(type));

    /// <summary>Whether the framework made the type, whose properties then say little about what it is.</summary>
    public static bool IsFramework(ITypeSymbol type, Compilation compilation)
    {
        if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly))
        {
            return false;
        }

        return Starts(type.ContainingAssembly?.Name) || Starts(type.ContainingNamespace?.ToDisplayString());

        static bool Starts(string? name) => name is "mscorlib" or "netstandard" or "System" or "Microsoft"
            || (name is not null && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal)));
    }
}

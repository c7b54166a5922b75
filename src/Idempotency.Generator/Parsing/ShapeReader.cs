using System.Text;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// Works out how values of a type are written to a key. Reads all parts of one key, so that each composite type gets one writer and
/// is spelled out once in the schema.
/// </summary>
internal sealed class ShapeReader(Compilation compilation)
{
    // Type arguments that grow with each level would never end; no honest argument is this deep.
    private const int MaxDepth = 32;

    private readonly Dictionary<string, WriterModel> _writers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<string> _recursive = new(StringComparer.Ordinal);
    private readonly HashSet<string> _spelled = new(StringComparer.Ordinal);
    private int _depth;

    /// <summary>The writers that the shapes read so far refer to.</summary>
    public IEnumerable<WriterModel> Writers => _writers.Values.OrderBy(static writer => writer.Id, StringComparer.Ordinal);

    /// <summary>Why the last type that was read has no value identity, and which part of it.</summary>
    public (string Path, string Reason) Offence { get; private set; }

    /// <summary>Whether only some members of the type identify it where it is a parameter.</summary>
    public static bool HasKeyMembers(ITypeSymbol type) =>
        NullableValue.Of(type) is { TypeKind: TypeKind.Class or TypeKind.Struct } value
        && ValueTypes.CodeOf(value) is null
        && !value.IsKeyPart()
        && ValueMember.Of(value).Any(static member => member.IsKey);

    /// <summary>Reads a type, or says in <see cref="Offence"/> why it cannot.</summary>
    /// <param name="path">How a message calls the value.</param>
    /// <param name="code">What the schema says about it.</param>
    /// <param name="keyMembersOnly">Whether to write only those members that are marked as the key.</param>
    public KeyShape? Read(ITypeSymbol type, string path, StringBuilder code, bool keyMembersOnly = false)
    {
        if (++_depth > MaxDepth)
        {
            _depth--;
            return Refuse(path, "it is nested too deep");
        }

        var shape = ReadCore(type, path, code, keyMembersOnly);
        _depth--;
        return shape;
    }

    private KeyShape? ReadCore(ITypeSymbol type, string path, StringBuilder code, bool keyMembersOnly)
    {
        if (NullableValue.Of(type) is var value && !SymbolEqualityComparer.Default.Equals(value, type))
        {
            var inner = Read(value, path, code, keyMembersOnly);
            code.Append('?');
            return inner is null ? null : new KeyShape.Nullable(inner);
        }

        if (type.IsKeyPart() && !type.IsRefLikeType)
        {
            code.Append("part:").Append(type.InIdentity());
            return new KeyShape.Part();
        }

        if (ValueTypes.CodeOf(type) is { } scalar)
        {
            code.Append(scalar);
            return new KeyShape.Scalar(scalar switch { "nint" => "long", "nuint" => "ulong", _ => null });
        }

        return type switch
        {
            INamedTypeSymbol { EnumUnderlyingType: { } underlying } => Enum(type, underlying, code),
            IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => Bytes(code),
            IArrayTypeSymbol { Rank: 1 } array => List(array.ElementType, CollectionKind.Enumerable, path, code),
            IArrayTypeSymbol => Refuse(path, "an array of several dimensions has no one order; use an array of arrays"),
            INamedTypeSymbol named when TryReadKnown(named, path, code, out var known) => known,
            INamedTypeSymbol named when Identity.ReasonAgainst(named, compilation) is null => Composite(named, path, code, keyMembersOnly),
            _ => Refuse(path, Identity.ReasonAgainst(type, compilation)!),
        };
    }

    // The key writer takes an array of bytes, or null, as it is.
    private static KeyShape.Scalar Bytes(StringBuilder code)
    {
        code.Append("bytes");
        return new KeyShape.Scalar();
    }

    private static KeyShape.Scalar Enum(ITypeSymbol type, INamedTypeSymbol underlying, StringBuilder code)
    {
        code.Append(type.Name).Append('(').Append(ValueTypes.CodeOf(underlying)).Append(')');
        return new KeyShape.Scalar(underlying.InCode());
    }

    // True when the type is one of those that are known, even if what it is made of has no identity.
    private bool TryReadKnown(INamedTypeSymbol type, string path, StringBuilder code, out KeyShape? shape)
    {
        var arguments = type.TypeArguments;
        if (type.IsTupleType)
        {
            shape = Tuple(type.TupleElements.Select(static (element, i) => ($"Item{i + 1}", element.Type)), path, code);
        }
        else if (!type.IsGenericType)
        {
            shape = null;
            return false;
        }
        else if (ValueTypes.ListKindOf(type) is { } kind)
        {
            shape = List(arguments[0], kind, path, code);
        }
        else if (ValueTypes.IsSet(type))
        {
            shape = Set(arguments[0], path, code);
        }
        else if (ValueTypes.IsMap(type))
        {
            shape = Map(arguments[0], arguments[1], path, code);
        }
        else if (Names.Metadata(type) == "System.Collections.Generic.KeyValuePair`2")
        {
            shape = Tuple([("Key", arguments[0]), ("Value", arguments[1])], path, code);
        }
        else
        {
            shape = null;
            return false;
        }

        return true;
    }

    private KeyShape.Set? Set(ITypeSymbol elementType, string path, StringBuilder code)
    {
        code.Append('{');
        var element = Read(elementType, path + "[]", code);
        code.Append('}');
        return element is null ? null : new KeyShape.Set(elementType.InCode(), element);
    }

    private KeyShape.Map? Map(ITypeSymbol keyType, ITypeSymbol valueType, string path, StringBuilder code)
    {
        code.Append('{');
        var key = Read(keyType, path + ".Keys", code);
        code.Append("=>");
        var value = key is null ? null : Read(valueType, path + ".Values", code);
        code.Append('}');
        return value is null ? null : new KeyShape.Map(keyType.InCode(), key!, valueType.InCode(), value);
    }

    private KeyShape? List(ITypeSymbol elementType, CollectionKind kind, string path, StringBuilder code)
    {
        if (elementType.SpecialType == SpecialType.System_Byte && kind != CollectionKind.Enumerable)
        {
            code.Append("bytes");
            return new KeyShape.Bytes(kind);
        }

        code.Append('[');
        var element = Read(elementType, path + "[]", code);
        code.Append(']');
        return element is null ? null : new KeyShape.List(kind, elementType.InCode(), element);
    }

    private KeyShape.Tuple? Tuple(IEnumerable<(string Name, ITypeSymbol Type)> elements, string path, StringBuilder code)
    {
        var members = new List<WriterMember>();
        code.Append('(');
        foreach (var (name, type) in elements)
        {
            code.Append(members.Count == 0 ? "" : ", ");
            if (Read(type, $"{path}.{name}", code) is not { } shape)
            {
                return null;
            }

            members.Add(new WriterMember(name, shape));
        }

        code.Append(')');
        return new KeyShape.Tuple(members.ToEquatableArray());
    }

    private KeyShape? Composite(INamedTypeSymbol type, string path, StringBuilder code, bool keyMembersOnly)
    {
        const string byKey = " by its key";
        var id = type.InCodePlain() + (keyMembersOnly ? byKey : "");
        code.Append(type.InSchema());
        if (!_begun.Add(id))
        {
            if (!_writers.ContainsKey(id))
            {
                _recursive.Add(id); // begun and not yet ended: this is inside it
            }

            return new KeyShape.Composite(id); // spelled out where it was first met
        }

        // Annotations make another writer, but must not make another schema.
        code = _spelled.Add(type.InIdentity() + (keyMembersOnly ? byKey : "")) ? code : new StringBuilder();

        var members = ValueMember.Of(type).Where(member => member.IsKey || !keyMembersOnly).ToArray();
        if (members.Length == 0)
        {
            _begun.Remove(id);
            return Refuse(path, $"'{type.InMessage()}' has no readable public property or field");
        }

        var written = new List<WriterMember>();
        code.Append('{');
        foreach (var member in members)
        {
            code.Append(written.Count == 0 ? "" : ", ").Append(member.Name).Append(':');
            var memberPath = $"{path}.{member.Name}";
            if ((member.IsUnusable ? Refuse(memberPath, "using it is an error, as its [Obsolete] says") : Read(member.Type, memberPath, code)) is not { } shape)
            {
                _begun.Remove(id);
                return null;
            }

            written.Add(new WriterMember(Names.Escape(member.Name), shape));
        }

        code.Append('}');
        var isReference = type.IsReferenceType;
        _writers.Add(id, new WriterModel(
            id,
            $"__Write{type.Name}{(keyMembersOnly ? "Key" : "")}",
            type.InCodePlain(),
            isReference,
            isReference && !type.IsSealed,
            _recursive.Contains(id),
            written.ToEquatableArray()));
        return new KeyShape.Composite(id);
    }

    private KeyShape? Refuse(string path, string reason)
    {
        Offence = (path, reason);
        return null;
    }
}

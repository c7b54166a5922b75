using System.Reflection;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>Types as C# writes them.</summary>
internal static class ApiNames
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(sbyte)] = "sbyte", [typeof(byte)] = "byte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>With its namespace and what it is nested in, as the start of a line.</summary>
    public static string OfDeclared(Type type) =>
        (type.DeclaringType is { } outer ? OfDeclared(outer) : type.Namespace) + "." + Bare(type)
        + Arguments(type.GetGenericArguments()[(type.DeclaringType?.GetGenericArguments().Length ?? 0)..]);

    public static string Of(Type type) => Of(type, [.. type.GetGenericArguments().Select(Of)]);

    public static string Of(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        var mark = info.ReadState == NullabilityState.Nullable && type is { IsValueType: false, IsGenericParameter: false } ? "?" : "";
        return (info.ElementType is { } element ? Of(element) + "[]" : Of(type, [.. info.GenericTypeArguments.Select(Of)])) + mark;
    }

    public static string Arguments(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(static type => type.Name))}>";

    public static string Constraints(Type[] parameters) => string.Concat(parameters.Where(static type => type.IsGenericParameter).Select(static parameter =>
    {
        var flags = parameter.GenericParameterAttributes;
        List<string> said =
        [
            .. flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
            .. flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint) ? ["struct"] : Array.Empty<string>(),
            .. parameter.GetGenericParameterConstraints().Where(static type => type != typeof(ValueType)).Select(Of).Order(StringComparer.Ordinal),
        ];
        return said.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", said)}";
    }));

    private static string Of(Type type, string[] arguments)
    {
        if (s_keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsArray || type.IsByRef)
        {
            return Of(type.GetElementType()!) + (type.IsArray ? "[]" : "");
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Of(value) + "?";
        }

        if (type.IsGenericType && type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true)
        {
            return $"({string.Join(", ", arguments)})";
        }

        var outer = type is { IsNested: true, IsGenericParameter: false, DeclaringType: { } declaring } ? Bare(declaring) + "." : "";
        return outer + Bare(type) + (arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments)}>");
    }

    private static string Bare(Type type) => type.Name.IndexOf('`', StringComparison.Ordinal) is > 0 and var tick ? type.Name[..tick] : type.Name;
}

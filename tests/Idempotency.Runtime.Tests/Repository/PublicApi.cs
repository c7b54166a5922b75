using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>What others may call in an assembly: one line each, sorted, in the words of C#.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext s_nullability = new();

    public static IReadOnlyList<string> Of(Assembly assembly) =>
        [.. assembly.GetExportedTypes().SelectMany(static type => Members(type).Prepend(Describe(type))).Order(StringComparer.Ordinal)];

    private static string Describe(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => $"enum : {ApiNames.Of(Enum.GetUnderlyingType(type))}",
            { IsInterface: true } => "interface",
            { IsValueType: true } => $"{(Is<IsReadOnlyAttribute>(type) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(static face => face.IsVisible && !typeof(Enum).IsAssignableTo(face))
            .Select(ApiNames.Of).Order(StringComparer.Ordinal);
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) && parent != typeof(MulticastDelegate))
        {
            bases = bases.Prepend(ApiNames.Of(parent)).Order(StringComparer.Ordinal);
        }

        var inherits = type.IsEnum ? "" : string.Concat(bases.Select(static (name, i) => (i == 0 ? " : " : ", ") + name));
        return $"{ApiNames.OfDeclared(type)} = {kind}{inherits}{ApiNames.Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        var name = ApiNames.OfDeclared(type);
        if (type.IsEnum)
        {
            return Enum.GetValuesAsUnderlyingType(type).Cast<IFormattable>()
                .Select(value => $"{name}.{Enum.GetName(type, value)} = {value.ToString(null, CultureInfo.InvariantCulture)}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return [$"{name}({Parameters(invoke)}) : {Typed(s_nullability.Create(invoke.ReturnParameter))}"];
        }

        return type.GetMembers(Declared).Where(static member => !Is<CompilerGeneratedAttribute>(member)).Select(member => member switch
        {
            ConstructorInfo made when IsVisible(made) => $"{name}{Modifiers(made)}.new({Parameters(made)})",
            MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
                $"{name}.{method.Name}{ApiNames.Arguments(method.GetGenericArguments())}({Parameters(method)}) : "
                + $"{Typed(s_nullability.Create(method.ReturnParameter))}{Modifiers(method)}{ApiNames.Constraints(method.GetGenericArguments())}",
            PropertyInfo property when IsVisible(property.GetMethod) || IsVisible(property.SetMethod) => Describe(name, property),
            FieldInfo field when field.IsPublic || field.IsFamily =>
                $"{name}.{field.Name} : {Typed(s_nullability.Create(field))}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}",
            EventInfo @event when IsVisible(@event.AddMethod) => $"{name}.{@event.Name} : event {Typed(s_nullability.Create(@event))}",
            _ => "",
        }).Where(static line => line.Length > 0);
    }

    private static string Describe(string type, PropertyInfo property)
    {
        var get = IsVisible(property.GetMethod) ? "get; " : "";
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        var set = IsVisible(property.SetMethod) ? isInit ? "init; " : "set; " : "";
        var required = Is<RequiredMemberAttribute>(property) ? " required" : "";
        return $"{type}.{property.Name} : {Typed(s_nullability.Create(property))} {{ {get}{set}}}{required}{Modifiers((property.GetMethod ?? property.SetMethod)!)}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static parameter =>
    {
        var by = parameter switch { { IsOut: true } => "out ", { IsIn: true } => "in ", { ParameterType.IsByRef: true } => "ref ", _ => "" };
        var rest = Is<ParamArrayAttribute>(parameter) || Is<ParamCollectionAttribute>(parameter) ? "params " : "";
        var value = parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "default"}" : "";
        return $"{rest}{by}{Typed(s_nullability.Create(parameter))} {parameter.Name}{value}";
    }));

    private static string Modifiers(MethodBase method) => method switch
    {
        { IsStatic: true } => ", static",
        { DeclaringType.IsInterface: true, IsAbstract: false } => ", default",
        { DeclaringType.IsInterface: true } => "",
        { IsAbstract: true } => ", abstract",
        { IsFamily: true } or { IsFamilyOrAssembly: true } => ", protected",
        MethodInfo { IsVirtual: true, IsFinal: false } virtually when virtually.GetBaseDefinition() != virtually => ", override",
        { IsVirtual: true, IsFinal: false } => ", virtual",
        _ => "",
    };

    private static string Typed(NullabilityInfo info) => ApiNames.Of(info);

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool Is<T>(ICustomAttributeProvider member)
        where T : Attribute => member.IsDefined(typeof(T), inherit: false);
}

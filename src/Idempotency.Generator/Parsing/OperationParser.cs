using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Reads who the operation is and what its policies are.</summary>
internal static class OperationParser
{
    public static OperationModel? Parse(MethodContext context, ParsedKey? key)
    {
        var arguments = context.Arguments;
        var name = arguments.Text("Name");
        var version = arguments.Find("Version")?.Value as int? ?? 1;
        CheckText(context, "Name");
        CheckText(context, "Store");
        if (version < 1)
        {
            context.Report(Rules.BadIdentity, arguments.LocationOf("Version"), "Version", context.Method.Name, "be at least 1");
        }

        var ttl = Duration(context, "Ttl");
        var lease = Duration(context, "Lease");
        var wait = Duration(context, "WaitTimeout");
        var lockOn = FailureParser.Types(context, "LockOn");
        var unlockOn = FailureParser.Types(context, "UnlockOn");
        if (context.HasFaults || key is null)
        {
            return null;
        }

        var method = context.Method;
        var schema = $"{name ?? Signature(method)} v{version}:{(key.Schema.Length == 0 ? "" : " " + key.Schema)}";
        return new OperationModel(
            name ?? $"{method.ContainingType.InIdentity()}.{method.Name}",
            version,
            schema,
            ttl,
            lease,
            wait,
            Choice(arguments, "OnDuplicate"),
            Choice(arguments, "OnFailure"),
            Choice(arguments, "OnCrash"),
            arguments.Find("CancelBody")?.Value as bool?,
            arguments.Text("Store"),
            lockOn.Select(static type => type.InCodePlain()).ToEquatableArray(),
            unlockOn.Select(static type => type.InCodePlain()).ToEquatableArray(),
            lockOn.Select(type => FailureParser.Parse(type, context)).OfType<FailureModel>().ToEquatableArray(),
            SignatureParser.ResultOf(method) is { } result && Immutability.IsProven(result, context.Compilation));
    }

    // All of the signature, so that overloads never share a key space.
    private static string Signature(IMethodSymbol method)
    {
        var typeParameters = method.Arity == 0 ? "" : $"<{string.Join(", ", method.TypeParameters.Select(static parameter => parameter.Name))}>";
        var parameters = method.Parameters.Select(static parameter => (parameter.RefKind == RefKind.None ? "" : "in ") + parameter.Type.InIdentity());
        return $"{method.ContainingType.InIdentity()}.{method.Name}{typeParameters}({string.Join(", ", parameters)})";
    }

    private static void CheckText(MethodContext context, string argument)
    {
        if (context.Arguments.Text(argument) is { } text && string.IsNullOrWhiteSpace(text))
        {
            context.Report(Rules.BadIdentity, context.Arguments.LocationOf(argument), argument, context.Method.Name, "not be empty");
        }
    }

    private static DurationModel? Duration(MethodContext context, string argument)
    {
        if (context.Arguments.Text(argument) is not { } text)
        {
            return null;
        }

        // The same bounds that the runtime has for descriptions made by hand.
        var days = argument == "Ttl" ? 3650 : 1;
        if (DurationParser.Parse(text, TimeSpan.FromDays(days)) is { } duration)
        {
            return duration;
        }

        context.Report(Rules.BadDuration, context.Arguments.LocationOf(argument), argument, text, days);
        return null;
    }

    private static string? Choice(Arguments arguments, string name)
    {
        if (arguments.Find(name) is not { Kind: TypedConstantKind.Enum, Value: int number, Type: { } type })
        {
            return null;
        }

        return type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => number.Equals(field.ConstantValue))?.Name
            ?? number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

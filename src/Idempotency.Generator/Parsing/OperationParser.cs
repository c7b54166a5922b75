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

        var onDuplicate = Choice(context, "OnDuplicate");
        var onFailure = Choice(context, "OnFailure");
        var onCrash = Choice(context, "OnCrash");
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
            onDuplicate,
            onFailure,
            onCrash,
            arguments.Find("CancelBody")?.Value as bool?,
            arguments.Text("Store"),
            lockOn.Select(static type => type.InCodePlain()).ToEquatableArray(),
            unlockOn.Select(static type => type.InCodePlain()).ToEquatableArray(),
            lockOn.Select(type => FailureParser.Parse(type, context)).OfType<FailureModel>().ToEquatableArray(),
            SignatureParser.ResultOf(method) is { } result && Immutability.IsProven(result, context.Compilation));
    }

    // All of the signature that says something about a call, so that overloads do not share a key space, and a token added later
    // does not start a new one.
    private static string Signature(IMethodSymbol method)
    {
        var typeParameters = method.Arity == 0 ? "" : $"<{string.Join(", ", method.TypeParameters.Select(static parameter => parameter.Name))}>";
        var parameters = method.Parameters.Where(MethodContext.IsValue).Select(static parameter => (parameter.RefKind == RefKind.None ? "" : "in ") + parameter.Type.InIdentity());
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

        var days = DurationParser.MostDays(argument);
        if (DurationParser.Parse(text, days) is { } duration)
        {
            return duration;
        }

        context.Report(Rules.BadDuration, context.Arguments.LocationOf(argument), argument, text, days);
        return null;
    }

    private static string? Choice(MethodContext context, string argument)
    {
        if (context.Arguments.Find(argument) is not { Kind: TypedConstantKind.Enum, Value: int number, Type: { } type })
        {
            return null;
        }

        var choices = type.GetMembers().OfType<IFieldSymbol>().Where(static field => field.HasConstantValue).ToArray();
        if (choices.FirstOrDefault(field => number.Equals(field.ConstantValue)) is { } choice)
        {
            return choice.Name;
        }

        // A cast makes any number one, and the runtime would know of it only when a duplicate or a crash is there.
        var known = string.Join(", ", choices.Select(static field => field.Name));
        context.Report(Rules.BadIdentity, context.Arguments.LocationOf(argument), argument, context.Method.Name, $"be one of {known}");
        return null;
    }
}

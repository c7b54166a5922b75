using System.Globalization;
using Idempotency.Generator.Model;

namespace Idempotency.Generator.Emit;

/// <summary>Writes the static description of an operation.</summary>
internal static class OperationEmitter
{
    public static void Emit(GuardedMethod method, string modifiers, string field, SourceWriter writer)
    {
        var operation = method.Operation;
        var options = Options(operation)
            .Concat(method.Body.Transaction is { } transaction ? [$"Transaction = typeof({transaction}),"] : []).ToArray();
        writer.Line($"{modifiers} static readonly global::Idempotency.IdempotentOperation<{MethodEmitter.ResultType(method)}> {field} =");
        using (writer.Indent())
        {
            var version = operation.Version.ToString(CultureInfo.InvariantCulture);
            var end = options.Length == 0 ? ";" : "";
            writer.Line($"new({Literal.Of(operation.Name)}, {version}, {Literal.Of(operation.Schema)}){end}");
            if (options.Length == 0)
            {
                return;
            }

            using (writer.Braces("};"))
            {
                foreach (var option in options)
                {
                    writer.Line(option);
                }
            }
        }
    }

    private static IEnumerable<string> Options(OperationModel operation)
    {
        foreach (var (name, duration) in new[] { ("Ttl", operation.Ttl), ("Lease", operation.Lease), ("WaitTimeout", operation.WaitTimeout) })
        {
            if (duration is { } value)
            {
                yield return $"{name} = new global::System.TimeSpan({value.Ticks.ToString(CultureInfo.InvariantCulture)}L), // {value.Text}";
            }
        }

        foreach (var (name, choice) in new[] { ("OnDuplicate", operation.OnDuplicate), ("OnFailure", operation.OnFailure), ("OnCrash", operation.OnCrash) })
        {
            if (choice is not null)
            {
                yield return $"{name} = global::Idempotency.{name}.{choice},";
            }
        }

        if (operation.LockOn.Count > 0)
        {
            yield return $"LockOn = {Types(operation.LockOn)},";
        }

        if (operation.UnlockOn.Count > 0)
        {
            yield return $"UnlockOn = {Types(operation.UnlockOn)},";
        }

        if (operation.Failures.Count > 0)
        {
            yield return $"Failures = new global::Idempotency.FailureCodec[] {{ {string.Join(", ", operation.Failures.Select(Codec))} }},";
        }

        if (operation.CancelBody is { } cancel)
        {
            yield return $"CancelBody = {(cancel ? "true" : "false")},";
        }

        if (operation.Store is { } store)
        {
            yield return $"Store = {Literal.Of(store)},";
        }

        if (operation.ResultIsImmutable)
        {
            yield return "ResultIsImmutable = true,";
        }
    }

    private static string Types(IEnumerable<string> types) =>
        $"new global::System.Type[] {{ {string.Join(", ", types.Select(static type => $"typeof({type})"))} }}";

    private static string Codec(FailureModel failure)
    {
        var arguments = failure.Arguments.Select(static argument => argument.Property is null
            ? "data.Message"
            : $"data[{Literal.Of(argument.Name)}]{(argument.AcceptsNull ? "" : "!")}");
        var restore = $"static data => new {failure.Type}({string.Join(", ", arguments)})";
        var saved = string.Concat(failure.Arguments.Where(static argument => argument.Property is not null)
            .Select(static argument => $" data[{Literal.Of(argument.Name)}] = failure.{argument.Property};"));
        return $"new global::Idempotency.FailureCodec<{failure.Type}>({restore}{(saved.Length == 0 ? "" : $", static (failure, data) => {{{saved} }}")})";
    }
}

using Idempotency.Generator.Model;

namespace Idempotency.Generator.Emit;

/// <summary>Writes the methods that add composite values to a key.</summary>
internal static class WriterEmitter
{
    /// <summary>Gives every writer a name: two types may share theirs and differ in their namespaces.</summary>
    public static Dictionary<string, string> Name(IEnumerable<WriterModel> writers, NameScope names) =>
        writers.ToDictionary(static model => model.Id, model => names.Next(model.Name), StringComparer.Ordinal);

    public static void Emit(string modifiers, IEnumerable<WriterModel> writers, IReadOnlyDictionary<string, string> methods, SourceWriter writer)
    {
        foreach (var model in writers)
        {
            writer.Line();
            writer.Line($"[{TypeEmitter.GeneratedCode}]");
            using (writer.Block($"{modifiers} static void {methods[model.Id]}(ref {KeyEmitter.KeyWriter} key, {model.Type}{(model.IsReference ? "?" : "")} value)"))
            {
                Emit(model, methods, writer);
            }
        }
    }

    private static void Emit(WriterModel model, IReadOnlyDictionary<string, string> methods, SourceWriter writer)
    {
        if (model.IsReference)
        {
            using (writer.Block("if (value is null)"))
            {
                writer.Line("key.AddNull();");
                writer.Line("return;");
            }

            writer.Line();
        }

        if (model.IsRecursive)
        {
            // An argument that contains itself must not take the process down.
            writer.Line("key.BeginNested();");
        }

        writer.Line(model.IsOpen ? $"key.BeginObject(value, typeof({model.Type}), {model.Members.Count});" : $"key.BeginObject({model.Members.Count});");
        var emitter = new KeyEmitter(writer, methods, new NameScope([]));
        foreach (var member in model.Members)
        {
            emitter.Add(member.Shape, "key", $"value.{member.Name}");
        }

        if (model.IsRecursive)
        {
            writer.Line("key.EndNested();");
        }
    }
}

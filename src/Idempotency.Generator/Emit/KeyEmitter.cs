using Idempotency.Generator.Model;

namespace Idempotency.Generator.Emit;

/// <summary>Writes the statements that add values to a key.</summary>
/// <param name="writers">The names of the methods that write composite values, by id.</param>
/// <param name="names">Gives the pattern variables their names.</param>
internal sealed class KeyEmitter(SourceWriter writer, IReadOnlyDictionary<string, string> writers, NameScope names)
{
    public const string KeyWriter = "global::Idempotency.Keys.KeyWriter";

    /// <summary>Adds <paramref name="value"/> to the key writer that <paramref name="key"/> names.</summary>
    public void Add(KeyShape shape, string key, string value)
    {
        if (Expression(shape, key, value) is { } expression)
        {
            writer.Line(expression + ";");
            return;
        }

        switch (shape)
        {
            case KeyShape.Bytes: // of an immutable array: the others are expressions
                writer.Line($"if ({value}.IsDefault) {key}.AddNull(); else {key}.Add({value}.AsSpan());");
                break;
            case KeyShape.Nullable nullable:
                Nullable(nullable.Inner, key, value);
                break;
            case KeyShape.Tuple tuple:
                writer.Line($"{key}.BeginObject({tuple.Elements.Count});");
                foreach (var element in tuple.Elements)
                {
                    Add(element.Shape, key, $"{value}.{element.Name}");
                }

                break;
            case KeyShape.List list:
                Collection($"{key}.AddList<{list.ElementType}>", Items(list, value), (list.ElementType, list.Element));
                break;
            case KeyShape.Set set:
                Collection($"{key}.AddSet<{set.ElementType}>", value, (set.ElementType, set.Element));
                break;
            case KeyShape.Map map:
                Collection($"{key}.AddMap<{map.KeyType}, {map.ValueType}>", value, (map.KeyType, map.Key), (map.ValueType, map.Value));
                break;
        }
    }

    // One expression where one will do; null where it takes several statements.
    private string? Expression(KeyShape shape, string key, string value) => shape switch
    {
        KeyShape.Scalar scalar => $"{key}.Add({(scalar.Cast is null ? value : $"({scalar.Cast}){value}")})",
        KeyShape.Part => $"{key}.AddPart({value})",
        KeyShape.Composite composite => $"{writers[composite.WriterId]}(ref {key}, {value})",
        KeyShape.Bytes { Kind: CollectionKind.Memory } => $"{key}.Add({value}.Span)",
        KeyShape.Bytes { Kind: CollectionKind.ArraySegment } => $"{key}.Add(global::System.MemoryExtensions.AsSpan({value}))",
        KeyShape.List list when Element(list.ElementType, list.Element) is { } element =>
            $"{key}.AddList<{list.ElementType}>({Items(list, value)}, {element})",
        KeyShape.Set set when Element(set.ElementType, set.Element) is { } element => $"{key}.AddSet<{set.ElementType}>({value}, {element})",
        KeyShape.Map map when Element(map.KeyType, map.Key) is { } mapKey && Element(map.ValueType, map.Value) is { } mapValue =>
            $"{key}.AddMap<{map.KeyType}, {map.ValueType}>({value}, {mapKey}, {mapValue})",
        _ => null,
    };

    private string? Element(string type, KeyShape shape) => shape is KeyShape.Composite composite
        ? writers[composite.WriterId]
        : Expression(shape, "key", "item") is { } expression ? $"{Lambda(type)} => {expression}" : null;

    private void Collection(string call, string items, params (string Type, KeyShape Shape)[] elements)
    {
        writer.Line($"{call}(");
        using (writer.Indent())
        {
            writer.Line($"{items},");
            for (var i = 0; i < elements.Length; i++)
            {
                var end = i == elements.Length - 1 ? ");" : ",";
                var (type, shape) = elements[i];
                if (Element(type, shape) is { } element)
                {
                    writer.Line(element + end);
                    continue;
                }

                using (writer.Block($"{Lambda(type)} =>", "}" + end))
                {
                    Add(shape, "key", "item");
                }
            }
        }
    }

    private void Nullable(KeyShape inner, string key, string value)
    {
        var present = names.Next("__value");
        if (Expression(inner, key, present) is { } expression)
        {
            writer.Line($"if ({value} is {{ }} {present}) {expression}; else {key}.AddNull();");
            return;
        }

        using (writer.Block($"if ({value} is {{ }} {present})"))
        {
            Add(inner, key, present);
        }

        using (writer.Block("else"))
        {
            writer.Line($"{key}.AddNull();");
        }
    }

    private static string Items(KeyShape.List list, string value) => list.Kind switch
    {
        CollectionKind.ImmutableArray => $"{value}.IsDefault ? null : (global::System.Collections.Generic.IEnumerable<{list.ElementType}>){value}",
        CollectionKind.ArraySegment => $"{value}.Array is null ? null : (global::System.Collections.Generic.IEnumerable<{list.ElementType}>){value}",
        CollectionKind.Memory => $"global::System.Runtime.InteropServices.MemoryMarshal.ToEnumerable<{list.ElementType}>({value})",
        _ => value,
    };

    private static string Lambda(string type) => $"static (ref {KeyWriter} key, {type} item)";
}

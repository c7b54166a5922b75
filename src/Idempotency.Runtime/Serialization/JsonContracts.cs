using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Idempotency.Serialization;

/// <summary>Finds the JSON contract of a result type.</summary>
internal sealed class JsonContracts
{
    private const int MaxDepth = 64;

    private readonly JsonSerializerContext[] _contexts;
    private readonly JsonSerializerOptions _options;

    public JsonContracts(IEnumerable<IJsonTypeInfoResolver> resolvers)
    {
        IJsonTypeInfoResolver[] all = [.. resolvers];
        _contexts = [.. all.OfType<JsonSerializerContext>()];
        _options = new JsonSerializerOptions
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. all, Reflection()]),
            MaxDepth = MaxDepth,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            IncludeFields = true, // tuples keep their elements in fields
        };
        _options.MakeReadOnly();
    }

    /// <exception cref="InvalidOperationException">Nothing registered knows the type; the message says what to register.</exception>
    public JsonTypeInfo<TResult> For<TResult>(string operation)
    {
        // A context answers with its own options, so that the converters and names it was declared with are kept.
        foreach (var context in _contexts)
        {
            if (context.GetTypeInfo(typeof(TResult)) is JsonTypeInfo<TResult> contract)
            {
                return contract;
            }
        }

        return _options.TryGetTypeInfo(typeof(TResult), out var found)
            ? (JsonTypeInfo<TResult>)found
            : throw new InvalidOperationException(
                $"Operation '{operation}' returns '{typeof(TResult)}', for which no JSON contract is registered; the body did not run. Add " +
                $"[JsonSerializable(typeof({typeof(TResult).Name}))] to a JsonSerializerContext and register it with " +
                $"options.{nameof(IdempotencyOptions.JsonTypeInfoResolvers)}.Add(…).");
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Used only where the application allows JSON by reflection, which a trimmed one does not.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Used only where the application allows JSON by reflection, which an AOT-compiled one does not.")]
    private static DefaultJsonTypeInfoResolver? Reflection() =>
        JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : null;
}
